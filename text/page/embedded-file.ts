import { joined, markup, type Content, type Markup } from '../markup.js';

/** A file that a page contains. */
export interface EmbeddedFile {
  /** The name that it is saved under. */
  readonly name: string;
  readonly type: 'image/svg+xml' | 'image/png';
  readonly content: string | Uint8Array;
}

/** A file as a `data:` URL, which a page may show and save without a network. */
export function dataUrl({ type, content }: Pick<EmbeddedFile, 'type' | 'content'>): string {
  return `data:${type};base64,${Buffer.from(content).toString('base64')}`;
}

/** A link that saves a file of the page. */
export function downloadLink(file: EmbeddedFile, text: Content): Markup {
  return markup`<a download="${file.name}" href="${dataUrl(file)}">${text}</a>`;
}

/** A picture on a page. */
export interface PagePicture {
  readonly source: Pick<EmbeddedFile, 'type' | 'content'>;
  /** Alternative text; also shown below the enlarged picture. */
  readonly description: string;
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
  /** How it is enlarged: to the size of the window, or to its own size, with the rest reached by scrolling. */
  readonly enlarged: 'window' | 'own size';
}

/**
 * A picture that a click enlarges to the whole window and another click returns to its place. It is a `details` element
 * whose summary is the picture, so it needs no script and can be opened and closed by keyboard.
 */
export function enlargeable({ source, description, width, height, enlarged }: PagePicture): Markup {
  const style = markup`aspect-ratio: ${width} / ${height}; --own-width: ${width}px`;
  return markup`<details class="zoom ${enlarged === 'window' ? 'fit' : 'own'}" style="${style}"><summary><img src="${dataUrl(source)}" alt="${description}" width="${width}" height="${height}"><span class="close">${description} <b>Click to close.</b></span></summary></details>`;
}

/** The size of an SVG document of ours, in pixels. */
function sizeOf(svg: string): { readonly width: number; readonly height: number } {
  const [root = ''] = /<svg[^>]*>/.exec(svg) ?? [];
  const [width = 0, height = 0] = [/ width="([\d.]+)"/, / height="([\d.]+)"/].map((size) =>
    Number(size.exec(root)?.[1]),
  );
  return { width, height };
}

/** An SVG document of ours as a figure that can be enlarged and saved. */
export function svgFigure(svg: string, name: string, description: string): Markup {
  const file = { name, type: 'image/svg+xml', content: svg } as const;
  const picture = enlargeable({ source: file, description, ...sizeOf(svg), enlarged: 'own size' });
  return markup`<figure class="drawing">${picture}</figure>${downloads([downloadLink(file, 'SVG')])}`;
}

/** Links that save files, on one line. */
export function downloads(links: readonly Markup[]): Markup {
  return markup`<p class="downloads">Download: ${joined(links, ' · ')}</p>\n`;
}
