/** Differences of plain data by name: knobs, settings of a protocol. */

/** A value before and after; null on the side that has none of that name. */
export interface SettingChange {
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Returns the differences between two tables of strings, in the order of the second, then those only in the first. */
export function settingChanges(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly SettingChange[] {
  const names = [...new Set([...after.keys(), ...before.keys()])];
  return names.flatMap((name) => {
    const [left, right] = [before.get(name) ?? null, after.get(name) ?? null];
    return left === right ? [] : [{ name, before: left, after: right }];
  });
}

/** Every number, text and name in `value` under its path. Lists are one text, for their order tells. */
export function settingTexts(value: object, path = ''): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, each] of Object.entries(value)) {
    const name = path === '' ? key : `${path}.${key}`;
    if (isRecord(each)) for (const entry of settingTexts(each, name)) texts.set(...entry);
    else texts.set(name, listText(each));
  }
  return texts;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(listText).join(', ')}]`;
  if (!isRecord(value)) return String(value);
  const { kind, ...rest } = value as { readonly kind?: string };
  const settings = [...settingTexts(rest)].map(([name, text]) => `${name}: ${text}`).join(', ');
  if (kind === undefined) return `{${settings}}`;
  return settings === '' ? kind : `${kind}(${settings})`;
}
