/** A spec and the path that its `use` statements are relative to. */
export interface SharedText {
  readonly path: string;
  readonly text: string;
}

/** Longer links are cut by some programs that they are sent with. */
const longestLink = 30_000;
const storageKey = 'unet playground';

async function pass(bytes: Uint8Array<ArrayBuffer>, through: GenericTransformStream): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(through);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (each) => each.charCodeAt(0));
}

/** The part of a link after `#`; undefined if the text is too long for a link. */
export async function toFragment({ path, text }: SharedText): Promise<string | undefined> {
  const bytes = await pass(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  const fragment = `${encodeURIComponent(path)}/${toBase64Url(bytes)}`;
  return fragment.length > longestLink ? undefined : fragment;
}

/** The text in a link; undefined if it holds none, also if it has been cut. */
export async function fromFragment(fragment: string): Promise<SharedText | undefined> {
  const [path = '', data = ''] = fragment.replace(/^#/, '').split('/');
  if (data === '') return undefined;
  try {
    const bytes = await pass(fromBase64Url(data), new DecompressionStream('deflate-raw'));
    return { path: decodeURIComponent(path), text: new TextDecoder().decode(bytes) };
  } catch {
    return undefined;
  }
}

/** Keeps the text in the browser; returns whether it could be kept. */
export function keep(shared: SharedText): boolean {
  try {
    localStorage.setItem(storageKey, JSON.stringify(shared));
    return true;
  } catch {
    // It is too long, or the browser keeps nothing for this page.
    return false;
  }
}

/** The text that was kept last. */
export function kept(): SharedText | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Partial<SharedText> | null;
    const { path, text } = found ?? {};
    return typeof path === 'string' && typeof text === 'string' ? { path, text } : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the text when the page is left, and in this tab whether its link is older. */
export function keepOnLeaving(shared: SharedText, isNewer: boolean): void {
  if (keep(shared) && isNewer) sessionStorage.setItem(storageKey, 'newer');
}

/** Returns once whether the text that was kept is newer than the link of this tab. */
export function leftUnlinked(): boolean {
  try {
    const isNewer = sessionStorage.getItem(storageKey) !== null;
    sessionStorage.removeItem(storageKey);
    return isNewer;
  } catch {
    return false;
  }
}
