import type { Files } from '../workspace.js';

const library = 'unet:';

/** The specs of the package, by their path below `specs/`, as files that `use` finds. */
export class ShippedFiles implements Files {
  private readonly texts = new Map<string, Uint8Array>();

  constructor(specs: Readonly<Record<string, string>>) {
    this.add(specs);
  }

  /** Adds specs by their path below `specs/`. */
  add(specs: Readonly<Record<string, string>>): void {
    const encoder = new TextEncoder();
    for (const [path, text] of Object.entries(specs)) this.texts.set(library + path, encoder.encode(text));
  }

  readFile(path: string): Uint8Array | undefined {
    return this.texts.get(path);
  }

  /** `unet:lib/x.unet`, or a path relative to the importing file. */
  resolve(from: string, to: string): string {
    if (to.startsWith(library)) return to;
    const parts = from.slice(from.indexOf(':') + 1).split('/');
    parts.pop();
    for (const part of to.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    return library + parts.join('/');
  }

  namesBeside(path: string): readonly string[] {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return [...this.texts.keys()].flatMap((each) => {
      const name = each.startsWith(folder) ? each.slice(folder.length) : '';
      return name === '' || name.includes('/') ? [] : [name];
    });
  }
}
