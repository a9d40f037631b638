import { createHash } from 'node:crypto';

/** Names that Windows reserves for devices, with or without an extension. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i;
/** The suffix of names with a digest, which no other name may have. */
const digested = /-[0-9a-f]{8}$/i;
const longest = 80;

/** `name` in ASCII letters, digits, `-` and `_`; `Müller` becomes `Muller`. */
function plainNameOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]/g, '_')
    .replace(/^-/, '_')
    .slice(0, longest);
}

/** 8 hexadecimal digits of a digest. JSON distinguishes lone surrogates, which UTF-8 does not. */
function digestOf(name: string): string {
  return createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 8);
}

/**
 * A file name without extension for the name of a case, model or row: ASCII letters, digits, `-` and `_`, at most 89
 * characters, valid on every system, and different for different names even if letter case is ignored. A name that is
 * not valid as it is ends with a digest of the name: `Müller` gives `Muller-` and 8 digits.
 * @param siblings the names in the same folder; if one differs from `name` only in letter case, both get a digest
 */
export function fileNameOf(name: string, siblings: readonly string[] = []): string {
  const plain = plainNameOf(name);
  const lower = name.toLowerCase();
  const collides = siblings.some((other) => other !== name && other.toLowerCase() === lower);
  const fits = plain === name && plain !== '' && !reserved.test(plain) && !digested.test(plain);
  return fits && !collides ? plain : `${reserved.test(plain) ? '_' : ''}${plain || 'unnamed'}-${digestOf(name)}`;
}
