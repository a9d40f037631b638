/**
 * The name a layer or input has in tfjs, which takes letters, digits and `._-/` alone: an id without others is its own
 * name; any other character (a space of a name in backticks) becomes its code in hexadecimal between slashes. Different
 * ids have different names. Those every object has (`constructor`) get a prefix, for tfjs keeps names as keys of objects.
 */
export function graphName(id: string): string {
  const name = id.replace(/[^A-Za-z0-9._-]/gu, (character) => `/${(character.codePointAt(0) ?? 0).toString(16)}/`);
  return /^[A-Za-z0-9]/.test(name) && !(name in {}) ? name : `0/${name}`;
}
