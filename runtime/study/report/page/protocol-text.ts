/** `weightDecay` and `cross_entropy` as words. */
export function words(name: string): string {
  const apart = name.replace(
    /([a-z])([A-Z])/g,
    (_, before: string, after: string) => `${before} ${after.toLowerCase()}`,
  );
  return apart.replaceAll('_', ' ');
}

/** Small numbers in scientific notation: `5e-5`. */
function numberText(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}

function listText(items: readonly unknown[]): string {
  if (items.length === 0) return 'none';
  const flat = items.every((item) => typeof item !== 'object');
  return items.map(valueText).join(flat ? ', ' : '; ');
}

function settingText(name: string, value: unknown): string {
  const nested = typeof value === 'object' && value !== null && !Array.isArray(value);
  return nested ? `${words(name)} (${valueText(value)})` : `${words(name)} ${valueText(value)}`;
}

/** The kind first, then its settings: `dice: weight 1, smooth 1`; `steps 400` if both have the same name. */
function recordText({ kind, ...settings }: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(settings)
    .map(([name, value]) => settingText(name, value))
    .join(', ');
  if (typeof kind !== 'string' || Object.keys(settings)[0] === kind) return texts;
  return texts === '' ? words(kind) : `${words(kind)}: ${texts}`;
}

/** Any value of a protocol as a phrase. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (Array.isArray(value)) return listText(value);
  if (typeof value === 'object') return recordText(value as Record<string, unknown>);
  return typeof value === 'number' ? numberText(value) : `${value as string | boolean}`;
}
