/** Recognises files by their first bytes, so that an error can name the actual format of a file. */

/** A format of weights that can be read. */
export type FileFormat = 'safetensors' | 'torch' | 'pickle' | 'npz';

/** A recognised format. */
export interface FileKind {
  /** Completes the sentence "The file is ...". */
  readonly what: string;
  /** Absent if it cannot contain weights that can be read. */
  readonly format?: FileFormat;
  readonly help: string;
}

/** The number of bytes that `recognizeFile` needs from the start of a file. */
export const RECOGNIZED_BYTES = 512;

const fromTorch =
  'Convert it in Python: `import torch, safetensors.torch as s` and `s.save_file(torch.load("FILE", weights_only=True), "weights.safetensors")`; for a checkpoint that contains more than weights, save only its `state_dict`.';
const fromNumpy =
  'Convert it in Python: `import numpy, safetensors.numpy as s` and `s.save_file(dict(numpy.load("FILE")), "weights.safetensors")`.';
const unpack = 'Unpack it and use the file inside.';
const download = 'Open it to see the answer of the server, then download the actual file.';
const other = 'Use a file in the expected format.';

/** The name of the first entry of a ZIP archive, found without reading its directory. */
function firstEntry(head: Uint8Array): string {
  const length = (head[26] ?? 0) + 256 * (head[27] ?? 0);
  return textOf(head.subarray(30, 30 + length));
}

function zipKind(head: Uint8Array): FileKind {
  const entry = firstEntry(head);
  if (/(^|\/)(data\.pkl|\.format_version|\.storage_alignment|byteorder|version|constants\.pkl)$/.test(entry)) {
    return { what: 'a PyTorch file (a ZIP archive with a pickle)', format: 'torch', help: fromTorch };
  }
  if (entry.endsWith('.npy')) return { what: 'a NumPy archive (.npz)', format: 'npz', help: fromNumpy };
  return { what: 'a ZIP archive', help: unpack };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

type Rule = readonly [signature: RegExp, kind: FileKind | ((head: Uint8Array) => FileKind)];

/**
 * Signatures over the first bytes as Latin-1, in which every byte is one character. Decoding as UTF-8 turns bytes that are
 * not UTF-8 into U+FFFD, which appears here as \xfd; the patterns accept both.
 */
const rules: readonly Rule[] = [
  // Tried first, because its length field may look like any signature: eight bytes below 2^32, then the JSON header.
  [/^[^]{4}\0{4}\{["}\s]/, { what: 'a safetensors file', format: 'safetensors', help: other }],
  [/^$/, { what: 'empty', help: 'Copy or download the file again.' }],
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    { what: 'a Git LFS pointer, not the file itself', help: 'Run `git lfs pull` in its repository.' },
  ],
  [/^\s*(<!doctype html|<html)/i, { what: 'a web page (HTML), not the file itself', help: download }],
  [/^\s*<\?xml/i, { what: 'an XML document', help: download }],
  [/^PK\x03\x04/, zipKind],
  [
    /^[\x80\xfd][\x02-\x05]/,
    { what: 'a Python pickle, as older versions of PyTorch write', format: 'pickle', help: fromTorch },
  ],
  [/^[\x93\xfd]NUMPY/, { what: 'a NumPy array (.npy)', help: other }],
  [
    /^[\x89\xfd]HDF\r\n\x1a\n/,
    { what: 'an HDF5 file (Keras weights or MATLAB data)', help: 'Convert it with h5py and safetensors in Python.' },
  ],
  [/^\x1f[\x8b\xfd]/, { what: 'a gzip file', help: unpack }],
  [
    /^(BZh|\xfd7zXZ\0|\x28[\xb5\xfd]\x2f\xfd|7z[\xbc\xfd][\xaf\xfd]\x27\x1c)/,
    { what: 'a compressed file', help: unpack },
  ],
  [/^[^]{257}ustar/, { what: 'a tar archive', help: unpack }],
  [/^[^]{128}DICM/, { what: 'a DICOM file', help: 'Convert the series to NIfTI, for example with dcm2niix.' }],
  [/^[^]{344}n(\+1|i1)\0/, { what: 'a NIfTI image', help: other }],
  [/^NRRD\d/, { what: 'an NRRD image', help: 'Convert it to NIfTI, for example with SimpleITK.' }],
  [/^ObjectType *=/, { what: 'a MetaImage', help: 'Convert it to NIfTI, for example with SimpleITK.' }],
  [/^MATLAB 5\.0/, { what: 'a MATLAB file', help: other }],
  [/^[\x89\xfd]PNG/, { what: 'a PNG picture', help: other }],
  [/^[\xff\xfd][\xd8\xfd][\xff\xfd]/, { what: 'a JPEG picture', help: other }],
  [/^%PDF/, { what: 'a PDF document', help: other }],
  [/^[\xff\xfe\xfd][\xfe\xff\xfd]/, { what: 'UTF-16 text', help: 'Save it as UTF-8.' }],
  [/^\s*[{[]\s*["{[\]}]/, { what: 'a JSON file', help: other }],
];

/**
 * Recognises the format of a file by its first `RECOGNIZED_BYTES` bytes; undefined if it is none of those listed here.
 * @param head fewer bytes only for a shorter file
 */
export function recognizeFile(head: Uint8Array): FileKind | undefined {
  const start = head.subarray(0, RECOGNIZED_BYTES);
  const text = textOf(start);
  const kind = rules.find(([signature]) => signature.test(text))?.[1];
  return typeof kind === 'function' ? kind(start) : kind;
}
