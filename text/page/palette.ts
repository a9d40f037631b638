/** Colours by name, with other values in dark mode. */
export interface Palette {
  readonly light: Readonly<Record<string, string>>;
  readonly dark: Readonly<Record<string, string>>;
}

/** Colours of all pages: text has a contrast of at least 4.5 to every ground. */
export const pagePalette = {
  light: {
    ...{ paper: '#ffffff', ground: '#f5f6f7', ink: '#16191d', muted: '#565d66', line: '#d4d8dd', faint: '#e8ebee' },
    ...{ link: '#0b5a94', warning: '#8a3d00', 'warning-ground': '#fff4e8', 'warning-line': '#e0a36c' },
  },
  dark: {
    ...{ paper: '#14171a', ground: '#1d2126', ink: '#e8eaed', muted: '#a8b0b9', line: '#3b424a', faint: '#272c32' },
    ...{ link: '#7cc4f5', warning: '#ffb86b', 'warning-ground': '#2c2117', 'warning-line': '#7d5429' },
  },
} as const satisfies Palette;

function variables(colours: Readonly<Record<string, string>>): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');
}

/** A palette as variables of CSS: dark where the reader prefers that, and always light in print. */
export function paletteStyles({ light, dark }: Palette): string {
  return `:root { ${variables(light)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(dark)} } }
`;
}
