import type { Diagnostic } from './diagnostics/diagnostic.js';
import { report } from './diagnostics/registry.js';
import { createSource, type SourceFile } from './source.js';

/** The largest spec that is read, in MB of 2^20 bytes. */
export const fileLimit = 16;

/**
 * The text of a file's bytes. What is not UTF-8 or too large gives a diagnostic and what could be read of it: the text
 * before the first wrong byte, or none.
 */
export function readSource(
  path: string,
  bytes: Uint8Array,
): { source: SourceFile; diagnostics: readonly Diagnostic[] } {
  if (bytes.length > fileLimit * 2 ** 20) {
    const source = createSource(path, '');
    const parts = { limit: fileLimit };
    return { source, diagnostics: [report('UNET1014', parts, { source, start: 0, end: 0 })] };
  }
  const wrong = firstWrongByte(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, wrong));
  const source = createSource(path, text);
  if (wrong === undefined) return { source, diagnostics: [] };
  const parts = { offset: wrong, line: source.lineStarts.length };
  const help = startsWithUtf16Mark(bytes) ? 'The file is UTF-16. Save it as UTF-8.' : 'Save the file as UTF-8.';
  const end = { source, start: text.length, end: text.length };
  return { source, diagnostics: [report('UNET1013', parts, end, { help })] };
}

/** The offset of the first byte that begins no UTF-8 character, found by the platform's own decoder. */
function firstWrongByte(bytes: Uint8Array): number | undefined {
  if (isUtf8(bytes)) return undefined;
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8Start(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  while (low > 0 && !isUtf8(bytes.subarray(0, low))) low--;
  return low;
}

function isUtf8(bytes: Uint8Array): boolean {
  return decodes(bytes, false);
}

/** Whether more bytes could make it UTF-8. */
function isUtf8Start(bytes: Uint8Array): boolean {
  return decodes(bytes, true);
}

function decodes(bytes: Uint8Array, stream: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream });
    return true;
  } catch {
    return false;
  }
}

function startsWithUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
}
