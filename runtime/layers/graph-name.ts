/**
 * The name of a layer or input in tfjs, which only allows letters, digits and `._-/`. An id with only these is
 * unchanged; any other character (such as a space in a name in backticks) becomes its hexadecimal code between slashes.
 * Different ids have different names. Names of properties that every object has (`constructor`) get a prefix, because
 * tfjs uses names as keys of objects.
 */
export function graphName(id: string): string {
  const name = id.replace(/[^A-Za-z0-9._-]/gu, (character) => `/${(character.codePointAt(0) ?? 0).toString(16)}/`);
  return /^[A-Za-z0-9]/.test(name) && !(name in {}) ? name : `0/${name}`;
}
