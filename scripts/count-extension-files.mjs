/**
 * Counts the product files that an extension of each kind touches: `node scripts/count-extension-files.mjs`. CONTRIBUTING.md
 * names an existing example of each kind; the files that mention it are those that another one needs. Exits with 1 if the page
 * lists other files, or if there are more than it allows.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

/** Files that are generated, and lists of other programs' names. */
const ignored = [
  'editor/vscode/syntaxes/unet.tmLanguage.json',
  'grammar/diagnostics/foreign-words.ts',
  'runtime/engine/tfjs-node-kernels.ts',
];

/** Fused kernels, in tfjs or in an engine, are optional. */
const optional = ['runtime/engine/onnx/', 'runtime/ops/kernel.ts'];

const rooms = ['contract', 'compiler', 'runtime', 'onnx', 'editor', 'grammar', 'cli', 'text', 'specs/lib'];
const product = rooms
  .filter((room) => existsSync(room))
  .flatMap((room) => readdirSync(room, { recursive: true }).map((file) => `${room}/${file.replaceAll('\\', '/')}`))
  .filter((file) => /\.(ts|cts|json|unet)$/.test(file) && !file.includes('node_modules'));

/** Matches `layer_norm`, `layerNorm` and `UnetLayerNorm`. */
function mentions(name) {
  const camel = name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  return new RegExp(`\\b(?:${name}|(?:Unet)?${camel})(?:Op)?\\b`, 'i');
}

function filesWith(name) {
  const pattern = mentions(name);
  return product.filter(
    (file) =>
      !ignored.includes(file) &&
      !optional.some((folder) => file.startsWith(folder)) &&
      pattern.test(readFileSync(file, 'utf8')),
  );
}

const page = readFileSync('CONTRIBUTING.md', 'utf8');
const sections = page.matchAll(/<!-- files of: (\w+), at most (\d+) -->\n([\s\S]*?)<!-- end -->/g);
for (const [, name, most, list] of sections) {
  const listed = [...list.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file]) => file);
  const found = filesWith(name);
  console.log(`${name}: ${found.length} files (at most ${most})`);
  const problems = [
    ...found.filter((file) => !listed.includes(file)).map((file) => `${file} is not in CONTRIBUTING.md`),
    ...listed.filter((file) => !found.includes(file)).map((file) => `${file} does not mention it`),
    ...(found.length > Number(most) ? ['more files than allowed'] : []),
  ];
  for (const problem of problems) console.log(`  ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
