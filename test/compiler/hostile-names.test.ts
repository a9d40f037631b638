import { Resvg } from '@resvg/resvg-js';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { emitDiagram } from '../../compiler/emit/diagram/diagram.js';
import { buildDiff } from '../../compiler/emit/diff/diff.js';
import { renderDiffHtml } from '../../compiler/emit/diff/render-html.js';
import { renderDiffJson } from '../../compiler/emit/diff/render-json.js';
import { renderDiffMarkdown } from '../../compiler/emit/diff/render-markdown.js';
import { renderDiffText } from '../../compiler/emit/diff/render-text.js';
import { emitOnnx } from '../../compiler/emit/onnx/emit-onnx.js';
import { printable } from '../../compiler/emit/printable.js';
import { renderReportJson, renderReportMarkdown, renderReportText } from '../../compiler/emit/report/render.js';
import { buildReport } from '../../compiler/emit/report/report.js';
import { emitTfjs } from '../../compiler/emit/tfjs/emit-tfjs.js';
import type { Network } from '../../compiler/ir/ir.js';
import { checkProgram } from '../../compiler/check/check.js';
import { renderDiagnostics } from '../../grammar/diagnostics/render.js';
import { format } from '../../grammar/print.js';
import { createSource } from '../../grammar/source.js';
import {
  expectHarmlessMarkdown,
  expectHarmlessPage,
  expectPlainText,
  hostileNames,
  hostileSpec,
} from '../hostile-names.js';
import { checkText, lowerText, openText } from './spec-text.js';

const patch = [8, 8];

const lowered = new Map<string, { before: Network; after: Network }>();

/** The variant, and the model it changes. */
function networks(name: string): { before: Network; after: Network } {
  const text = hostileSpec(name);
  const [model = ''] = text.split('\nmodel `V ');
  const known = lowered.get(name) ?? { before: lowerText(model), after: lowerText(text) };
  lowered.set(name, known);
  return known;
}

it('hold no control characters', () => {
  expect(checkText('model `A\u0000` { }')[0]).toMatch(/UNET1004 Unexpected character U\+0000/);
});

describe.each(hostileNames.map((name) => [printable(name).slice(0, 40), name]))('names made of %s', (_, name) => {
  it('are names: the spec checks, and stays as it is when it is formatted', () => {
    const text = hostileSpec(name);
    expect(checkText(text)).toEqual([]);
    const formatted = format(createSource('h.unet', text));
    expect(formatted.diagnostics).toEqual([]);
    expect(format(createSource('h.unet', formatted.text)).text).toBe(formatted.text);
    expect(checkText(formatted.text)).toEqual([]);
  });

  it('are data in generated code', () => {
    const { after } = networks(name);
    const code = emitTfjs(after);
    expectPlainText(code);
    const parsed = ts.createSourceFile('m.ts', code, ts.ScriptTarget.Latest, true);
    expect((parsed as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics).toEqual([]);
    const strings = new Set<string>();
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteral(node)) strings.add(node.text);
      if (ts.isIdentifier(node)) expect(node.text).not.toMatch(/^(process|globalThis|alert|Error)$/);
      expect(ts.isThrowStatement(node)).toBe(false);
      // Ids in the function of a block begin with its parameter `at`; nothing else enters a template.
      if (ts.isTemplateSpan(node)) expect(node.expression.getText()).toBe('at');
      ts.forEachChild(node, visit);
    };
    visit(parsed);
    for (const word of ['V ', 'i ', 'c ', 'k ', 'o ']) expect(strings).toContain(`${word}${name}`);
  });

  it('are text in reports and diffs of every form', () => {
    const { before, after } = networks(name);
    const result = buildReport(after, patch);
    if (!result.ok) throw new Error('no report');
    expect(JSON.parse(renderReportJson(result.report))).toMatchObject({ model: `V ${name}` });
    for (const ops of [false, true]) {
      expectPlainText(renderReportText(result.report, { ops }));
      expect(expectHarmlessMarkdown(renderReportMarkdown(result.report, { ops }))).toContain(printable(`V ${name}`));
    }
    const side = (network: Network) => ({ network, protocol: undefined, patch, source: `${name}.unet` });
    const diff = buildDiff(side(before), side(after));
    expect(JSON.parse(renderDiffJson(diff))).toMatchObject({ knobs: [{ name: `n ${name}`, before: '4', after: '8' }] });
    expectPlainText(renderDiffText(diff));
    expect(expectHarmlessMarkdown(renderDiffMarkdown(diff))).toContain(printable(`n ${name}`));
    expect(expectHarmlessPage(renderDiffHtml(diff))).toContain(printable(`n ${name}`));
  });

  it('are text in pictures, alone and within a page', async () => {
    const { before, after } = networks(name);
    const svg = await emitDiagram(after, { patch, base: before });
    expectPlainText(svg);
    // The rasterizer's parser takes well-formed XML alone.
    const { width } = new Resvg(svg, { font: { loadSystemFonts: false } });
    expect(width).toBeGreaterThan(100);
    expect(width).toBeLessThan(2500);
    expectHarmlessPage(`<figure>${svg}</figure>`);
  });

  it('are kept by an ONNX graph, whose own names are unique', () => {
    const { after } = networks(name);
    const { metadata, graph } = emitOnnx(after);
    expect(metadata['model']).toBe(`V ${name}`);
    expect(metadata['inputs']).toContain(JSON.stringify(`c ${name}`).slice(1, -1));
    const names = graph.nodes.flatMap(({ outputs }) => outputs.map((each) => each.name));
    expect(new Set(names).size).toBe(names.length);
  });

  it('stand in messages without acting on the terminal', () => {
    const program = openText(hostileSpec(name).replace(' -> gelu', ' -> gleu').replace(' = 8 ', ' = "8" '));
    const diagnostics = checkProgram(program);
    expect(diagnostics.length).toBeGreaterThan(1);
    expectPlainText(renderDiagnostics(diagnostics, { colours: false }));
  });
});

describe('Words of a spec that objects of JavaScript have too', () => {
  it.each(['constructor', 'toString', '__proto__'])('%s is an unknown word like any other', (word) => {
    const spec = (name: string): string => `
block stage(out: ${name} = ${name}) {
  x: [C, ...S]
  ${name} x
}
block other(k: int) {
  x: [C, ...S]
  ${name} = 3
  x -> nn.${name}(k) -> ${name} -> x.${name}()
}
model M {
  input scan: image(T1w)[D, H]
  output mask: classes(background, tumour)
  knob k: ${name} = 3
  encoder { widths: [${name}, 16], ${name}: 3, level(c): ${name}(c) -> self.${name}, down: max_pool(${name}: 2) }
  decoder { up(c): conv(c, 1, bias: ${name}), fuse: ${name}, level(c): stage(${name}) }
  head mask: conv(mask.classes, 1) when ${name}
}
model V = M { ${name} = 3, k = ${name} }
study S { ${name}: [${name}], protocol: ${name}, base: M, variants: ${name} }
`;
    const found = (name: string) => checkProgram(openText(spec(name)));
    const texts = (name: string) =>
      found(name).flatMap(({ message, help, fixes }) => [message, help, ...(fixes ?? []).map(({ text }) => text)]);
    for (const text of texts(word)) expect(text === undefined || typeof text === 'string').toBe(true);
    expect(texts(word).map((text) => text?.replaceAll(word, 'unheard_of'))).toEqual(texts('unheard_of'));
  });
});
