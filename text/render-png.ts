import { createRequire } from 'node:module';

const fontFiles = ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf'];

/** Letters that Arimo has; others need what the machine has. */
const covered = /^[\u0000-\u024F\u0370-\u052F\u1E00-\u1EFF\u2000-\u206F\u2190-\u22FF]*$/;

/**
 * An SVG of ours as a PNG, `scale` pixels for each of its own. Text is set in Arimo, which comes with the package, so that
 * the picture is the same on every machine; the machine's fonts are asked only where a name needs other letters.
 */
export async function renderPng(svg: string, scale = 2): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const { resolve } = createRequire(import.meta.url);
  const font = {
    fontFiles: fontFiles.map((file) => resolve(`@expo-google-fonts/arimo/${file}`)),
    loadSystemFonts: !covered.test(svg),
    defaultFontFamily: 'Arimo',
    sansSerifFamily: 'Arimo',
  };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
}
