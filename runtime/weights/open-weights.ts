import { UserError } from '../errors/user-error.js';
import { openFile, type OpenFile } from '../files/byte-source.js';
import { readReason } from '../files/file-error.js';
import { RECOGNIZED_BYTES, recognizeFile, type FileFormat } from '../files/file-kind.js';
import { listSafetensors } from '../files/safetensors.js';
import type { StoredTensor } from '../files/tensor-types.js';
import { listNumpy } from './numpy-file.js';
import { storedTensor, unreadable } from './pickled-values.js';
import { findStateDict, stripPrefix } from './state-dict.js';
import { readLegacyTorch, readTorchArchive, type TorchFile } from './torch-file.js';

/** The tensors of a file of weights, whose values are read while the file is open. */
export interface WeightsFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Strings that the file contains besides. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Keys that lead to the weights within the saved value, such as `network_weights`; empty if it is the weights. */
  readonly path: readonly string[];
  /** What all names began with, such as `module.`, which is left out of the names above; else empty. */
  readonly prefix: string;
  close(): void;
}

interface Listed {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly path?: readonly string[];
}

const readers: Readonly<Record<FileFormat, (source: OpenFile, file: string) => Listed | Promise<Listed>>> = {
  safetensors: listSafetensors,
  npz: async (source, file) => ({ tensors: await listNumpy(source, file) }),
  torch: async (source, file) => listTorch(await readTorchArchive(source, file), file),
  pickle: (source, file) => listTorch(readLegacyTorch(source, file), file),
};

function listTorch({ value, readStorage }: TorchFile, file: string): Listed {
  const found = findStateDict(value);
  if (found === undefined) {
    throw unreadable(file, 'it contains no tensors under names', 'Save the `state_dict()` of the network.');
  }
  const tensors = [...found.tensors].map(([name, each]) => [name, storedTensor(each, readStorage, file)] as const);
  return { tensors: new Map(tensors), path: found.path };
}

/**
 * Opens a file of weights: safetensors, NumPy's `.npz`, or PyTorch's `.pt` in its present and its older format. Its first
 * bytes decide, not its name. Nothing that it contains is run; values are read on demand. The caller closes it.
 * @throws UserError UNET6161 for another format, UNET6051 (safetensors) or UNET6170 for a damaged file, UNET6171 for a
 * pickle that asks for more than weights
 */
export async function openWeights(file: string): Promise<WeightsFile> {
  const source = openReadable(file);
  try {
    const { tensors, metadata = {}, path = [] } = await readers[formatOf(source, file)](source, file);
    const { prefix, renamed } = stripPrefix(tensors);
    return { tensors: renamed, metadata, path, prefix, close: () => source.close() };
  } catch (error) {
    source.close();
    throw error;
  }
}

function openReadable(file: string): OpenFile {
  try {
    return openFile(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      'UNET6051',
      `\`${file}\` cannot be read: ${readReason(error)}.`,
      'Check the path of the weights.',
    );
  }
}

/** The format of a file; one without a known beginning is left to the reader of safetensors, which states the fault. */
function formatOf(source: OpenFile, file: string): FileFormat {
  const kind = recognizeFile(source.read(0, RECOGNIZED_BYTES));
  if (kind === undefined) return 'safetensors';
  if (kind.format !== undefined) return kind.format;
  throw new UserError(
    'UNET6161',
    `\`${file}\` is ${kind.what}; expected weights as safetensors, .npz, .pt or .pth.`,
    kind.help.replaceAll('FILE', file),
  );
}
