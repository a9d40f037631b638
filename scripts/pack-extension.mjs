/**
 * Packs the VS Code extension into `editor/vscode/dist/unet-VERSION.vsix`. A .vsix is a zip archive: the extension's files,
 * which `.vscodeignore` lists, the licence, the icon, and a manifest for the marketplace. Works without a network.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { renderAsync } from '@resvg/resvg-js';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { options } from './build-extension.mjs';

const root = new URL('../', import.meta.url);
const folder = new URL('editor/vscode/', root);

const read = (name, base = folder) => readFileSync(new URL(name, base));
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** The files of the extension, by their paths in it. */
export async function extensionFiles() {
  const listed = read('.vscodeignore')
    .toString()
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  await build({ ...options, minify: true });
  const icon = await renderAsync(read('icon.svg').toString());
  return {
    ...Object.fromEntries(listed.map((name) => [name, read(name)])),
    'LICENSE.txt': read('LICENSE', root),
    'icon.png': icon.asPng(),
  };
}

/** Returns the bytes of the package. The same files give the same bytes. */
export async function packExtension() {
  const manifest = JSON.parse(read('package.json').toString());
  const files = Object.entries(await extensionFiles());
  const entries = [
    ['[Content_Types].xml', Buffer.from(contentTypes(files.map(([name]) => name)))],
    ['extension.vsixmanifest', Buffer.from(vsixManifest(manifest))],
    ...files.map(([name, bytes]) => [`extension/${name}`, bytes]),
  ];
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: '1980-01-01T12:00:00' });
}

const typeOf = {
  cjs: 'application/octet-stream',
  css: 'text/css',
  js: 'application/javascript',
  json: 'application/json',
  md: 'text/markdown',
  png: 'image/png',
  txt: 'text/plain',
  vsixmanifest: 'text/xml',
};

function contentTypes(names) {
  const endings = new Set([...names, '.vsixmanifest'].map((name) => name.split('.').at(-1)));
  const lines = [...endings].sort().map((ending) => {
    if (typeOf[ending] === undefined) throw new Error(`There is no content type for .${ending} files.`);
    return `<Default Extension=".${ending}" ContentType="${typeOf[ending]}"/>`;
  });
  const schema = 'http://schemas.openxmlformats.org/package/2006/content-types';
  return `<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="${schema}">${lines.join('')}</Types>\n`;
}

function vsixManifest({ name, version, publisher, displayName, description, keywords, categories, engines, ...more }) {
  const properties = {
    'Microsoft.VisualStudio.Code.Engine': engines.vscode,
    'Microsoft.VisualStudio.Code.ExtensionKind': 'workspace',
    'Microsoft.VisualStudio.Code.ExecutesCode': 'true',
    'Microsoft.VisualStudio.Services.Links.Source': more.repository.url,
    'Microsoft.VisualStudio.Services.Links.Support': more.bugs.url,
    'Microsoft.VisualStudio.Services.Links.Learn': more.homepage,
    'Microsoft.VisualStudio.Services.Branding.Color': more.galleryBanner.color,
    'Microsoft.VisualStudio.Services.Branding.Theme': more.galleryBanner.theme,
    'Microsoft.VisualStudio.Services.GitHubFlavoredMarkdown': 'true',
  };
  const assets = {
    'Microsoft.VisualStudio.Code.Manifest': 'package.json',
    'Microsoft.VisualStudio.Services.Content.Details': 'README.md',
    'Microsoft.VisualStudio.Services.Content.License': 'LICENSE.txt',
    'Microsoft.VisualStudio.Services.Icons.Default': 'icon.png',
  };
  const tags = [...keywords, 'unet', '__ext_unet'];
  const lines = [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">',
    '  <Metadata>',
    `    <Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/>`,
    `    <DisplayName>${escape(displayName)}</DisplayName>`,
    `    <Description xml:space="preserve">${escape(description)}</Description>`,
    `    <Tags>${escape(tags.join(','))}</Tags>`,
    `    <Categories>${escape(categories.join(','))}</Categories>`,
    '    <GalleryFlags>Public</GalleryFlags>',
    '    <Properties>',
    ...Object.entries(properties).map(([id, value]) => `      <Property Id="${id}" Value="${escape(value)}"/>`),
    '    </Properties>',
    '    <License>extension/LICENSE.txt</License>',
    '    <Icon>extension/icon.png</Icon>',
    '  </Metadata>',
    '  <Installation>',
    '    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>',
    '  </Installation>',
    '  <Dependencies/>',
    '  <Assets>',
    ...Object.entries(assets).map(
      ([type, path]) => `    <Asset Type="${type}" Path="extension/${path}" Addressable="true"/>`,
    ),
    '  </Assets>',
    '</PackageManifest>',
  ];
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(read('package.json').toString());
  const bytes = await packExtension();
  const file = fileURLToPath(new URL(`dist/unet-${version}.vsix`, folder));
  writeFileSync(file, bytes);
  console.log(`${file}: ${(bytes.length / 1024).toFixed(0)} KB`);
}
