/** Names made to break out of whatever text they are put into, and what shows that none did. */
import MarkdownIt from 'markdown-it';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { expect } from 'vitest';

/** What may stand in backticks: anything but a backtick and what the language refuses, U+0000 to U+001F. */
export const hostileNames: readonly string[] = [
  '</script><svg onload=alert(1)><img src=x onerror=alert(1)>',
  '" onload="alert(1) --><b>]]></title></style>',
  '&lt;b&gt; &#60;i&#62; &amp',
  '| a | b |',
  '[x](javascript:alert(1)) ![y](http://z) **a** _b_ ~~c~~ # d',
  '"; throw new Error("out"); "\'); process.exit(7); (\'',
  '${process.exit(7)}',
  '*/ globalThis.harmed = 1; /*',
  '\\u0022; \\',
  '../../etc/x',
  'optimizer.first/x',
  '__proto__',
  'constructor',
  '-rf %s {{7*7}} $& $1',
  'line \u0085 \u2028 \u2029 \u202Ereversed\u2066 \u200B none \uFFFE \uFFFF 🧠',
  `long ${'word '.repeat(500)}${'x'.repeat(2000)}`,
];

/** What the model of `hostileSpec` is called: models begin with a capital. */
export function modelName(name: string): string {
  return /^[\p{Ll}_]/u.test(name) ? `M ${name}` : name;
}

/** A model and a variant of it, every one of whose names is `name`, most with a letter before it. */
export function hostileSpec(name: string): string {
  const quoted = (word: string): string => `\`${word}${name}\``;
  const model = `\`${modelName(name)}\``;
  return `use "lib/unet.unet"

block ${quoted('b ')}(${quoted('w ')}: int) {
  x: [C, ...S]
  let ${quoted('l ')} = x -> conv(${quoted('w ')}, 3) as ${quoted('s ')}
  ${quoted('l ')} -> gelu
}

model ${model} {
  input ${quoted('i ')}: image(${quoted('c ')}, T1w)[${quoted('D ')}, H]
  output ${quoted('o ')}: classes(${quoted('k ')}, b)
  knob ${quoted('n ')}: int = 4 off 2
  let ${quoted('y ')} = ${quoted('i ')} -> ${quoted('b ')}(${quoted('n ')}) -> ${quoted('b ')}(4)
  ${quoted('o ')} = ${quoted('y ')} -> conv(2, 1)
}

model ${quoted('V ')} = ${model} { ${quoted('n ')} = 8 }
`;
}

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

function elementsIn(node: Node): Element[] {
  const children = 'childNodes' in node ? node.childNodes.flatMap(elementsIn) : [];
  return 'tagName' in node ? [node, ...children] : children;
}

const harmless = new Set(
  [
    'html head meta title style body h1 h2 h3 p span div figure ul li strong em code pre wbr b small',
    'header main footer nav section details summary a img',
    'table thead tbody tr th td svg defs marker path rect g text circle line polyline polygon',
  ].flatMap((names) => names.split(' ')),
);

/** A place on the same page, or a picture in it. */
const own = /^(#[a-z0-9-]+|data:image\/(svg\+xml|png);base64,[A-Za-z0-9+/]*=*)$/;

/** A page, as a browser reads it, holds nothing but elements that show text, shapes and tables; its text. */
export function expectHarmlessPage(html: string): string {
  const page = parse(html);
  for (const { tagName, attrs } of elementsIn(page)) {
    if (!harmless.has(tagName)) expect.fail(`<${tagName}>`);
    for (const { name, value } of attrs) {
      if (/^(href|src)$/.test(name)) expect(value).toMatch(own);
      else expect(name).not.toMatch(/^(on|href|src|xlink|srcdoc|action)/i);
    }
  }
  return textOf(page);
}

function textOf(node: Node): string {
  if (node.nodeName === '#text') return (node as DefaultTreeAdapterTypes.TextNode).value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

/** Markdown, as a viewer that even takes HTML shows it, is as harmless, and its tables have the form they are given. */
export function expectHarmlessMarkdown(markdown: string): string {
  const html = new MarkdownIt({ html: true, linkify: false }).render(markdown);
  const page = parse(html);
  for (const table of elementsIn(page).filter(({ tagName }) => tagName === 'table')) {
    const rows = elementsIn(table).filter(({ tagName }) => tagName === 'tr');
    const cells = rows.map((row) => elementsIn(row).filter(({ tagName }) => /^t[hd]$/.test(tagName)).length);
    expect(new Set(cells).size).toBe(1);
  }
  const said = elementsIn(page).filter(({ tagName }) => tagName === 'a' || tagName === 'img');
  expect(said.map(({ tagName }) => tagName)).toEqual([]);
  return expectHarmlessPage(html);
}

/** Nothing that a terminal would act on, or that would reorder what stands beside it. */
export function expectPlainText(text: string): void {
  expect(text).not.toMatch(/[^\P{Cc}\n]|[\u200B\u2028\u2029\u202A-\u202E\u2066-\u2069]/u);
}
