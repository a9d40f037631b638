import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InsertTextFormat, type CompletionItem } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { wholePathHost } from '../../cli/disk-host.js';
import { checkProgram } from '../../compiler/check/check.js';
import { openProgram } from '../../compiler/program/program.js';
import { completionsAt } from '../../editor/completion/completion.js';
import { snippets } from '../../editor/completion/snippets.js';
import { Workspace } from '../../editor/workspace.js';
import { format } from '../../grammar/print.js';
import { createSource } from '../../grammar/source.js';

const path = resolve(import.meta.dirname, '../../specs/in-memory.unet');
const uri = pathToFileURL(path).href;

/** A snippet as it is without further typing. */
function expand(text: string): string {
  return text.replace(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll('$0', '');
}

function snippet(word: string, detail: string): string {
  const found = Object.values(snippets)
    .flat()
    .find((each) => each.word === word && each.detail === detail);
  return expand(found?.text ?? '');
}

function errorsOf(text: string): readonly string[] {
  const bytes = new TextEncoder().encode(text);
  const host = { ...wholePathHost, readFile: (file: string) => (file === path ? bytes : wholePathHost.readFile(file)) };
  const found = checkProgram(openProgram(host, path)!);
  return found.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

/** The completions at `<|>`, by label. */
function complete(marked: string, support: boolean): (label: string) => CompletionItem | undefined {
  const workspace = new Workspace(wholePathHost);
  const offset = marked.indexOf('<|>');
  workspace.open(path, uri, 1, marked.replace('<|>', ''));
  const analysis = workspace.analysis(path)!;
  const items = completionsAt(workspace, { analysis, path, file: analysis.fileOf(path)!, offset }, support);
  return (name) => items.find(({ label }) => label === name);
}

describe('snippets', () => {
  it('are formatted as the formatter would, and begin with the word that finds them', () => {
    for (const [container, all] of Object.entries(snippets)) {
      for (const { word, text } of all) {
        const plain = expand(text);
        const lines = container === 'file' ? plain : `model M {\n${plain.replace(/^/gm, '  ')}\n}`;
        expect(format(createSource('', `${lines}\n`))).toEqual({ text: `${lines}\n`, diagnostics: [] });
        expect(plain.startsWith(word)).toBe(true);
      }
    }
  });

  it('are correct as they are inserted', () => {
    const use = snippet('use', 'the blocks of the library');
    const statements = [
      use,
      snippet('model', 'a U-Net').replace('Name', 'Base').replace('width: int = 16', 'width: int = 16 off 8'),
      snippet('model', 'a variant of a model').replace('knob =', 'width =').replace('Name', 'Small'),
      snippet('protocol', 'how networks are trained').replace('Name', 'Protocol'),
      snippet('study', 'a comparison of networks'),
      snippet('block', 'a block of layers'),
    ];
    expect(errorsOf(statements.join('\n'))).toEqual([]);
    const members = (snippets.model ?? []).map(({ text }) => expand(text).replace(/^/gm, '  '));
    expect(errorsOf(`${use}\nmodel M {\n${members.join('\n')}\n}\n`)).toEqual([]);
  });

  it('are proposed only to clients that support them', () => {
    expect(complete('mod<|>', false)('model ...')).toBeUndefined();
    const item = complete('mod<|>', true)('model ...');
    expect(item).toMatchObject({ filterText: 'model', insertTextFormat: InsertTextFormat.Snippet });
    expect(item?.additionalTextEdits).toMatchObject([
      { newText: expect.stringContaining('use "unet:lib/unet.unet"') as string },
    ]);
    const imported = complete('use "unet:lib/unet.unet"\nmod<|>', true)('model ...');
    expect(imported?.additionalTextEdits).toBeUndefined();
  });

  it('have a place for each required argument of a step, unless it has arguments already', () => {
    const text = (line: string): string => `block b { x: [C, ...S], ${line} }`;
    const shown = (line: string, label: string): string | undefined =>
      (complete(text(line), true)(label)?.textEdit as { newText: string } | undefined)?.newText;
    expect(shown('x -> co<|>', 'conv')).toBe('conv(${1:out}, ${2:kernel})$0');
    expect(shown('x -> co<|>(8, 3)', 'conv')).toBe('conv');
    expect(shown('x -> re<|>', 'relu')).toBe('relu');
    expect(shown('let f = co<|>', 'conv')).toBe('conv');
  });
});

describe('a completion that imports', () => {
  const model = (line: string, head = ''): string => `${head}model M {
  input scan: image(T1w)[D, H]
  output mask: classes(background, tumour)
  ${line}
}
`;
  const accepted = (marked: string, label: string): string => {
    const item = complete(marked, false)(label);
    const document = TextDocument.create(uri, 'unet', 1, marked.replace('<|>', ''));
    const edit = item?.textEdit as { range: never; newText: string };
    return TextDocument.applyEdits(document, [edit, ...(item?.additionalTextEdits ?? [])]);
  };

  it('adds the `use` of the library that declares the name', () => {
    const line = 'mask = scan -> two_con<|> -> conv(mask.classes, 1)';
    const after = accepted(model(line), 'two_convs');
    expect(after).toBe(model('mask = scan -> two_convs -> conv(mask.classes, 1)', 'use "unet:lib/unet.unet"\n\n'));
    expect(complete(model(line), false)('two_convs')?.labelDetails).toEqual({ description: 'unet:lib/unet.unet' });
  });

  it('adds it below those that are there, and none for a name that is in scope', () => {
    const head = 'use "unet:lib/unet.unet"\n';
    const line = 'mask = scan -> squ<|> -> conv(mask.classes, 1)';
    expect(accepted(model(line, head), 'squeeze_excite')).toBe(
      model('mask = scan -> squeeze_excite -> conv(mask.classes, 1)', `${head}use "unet:lib/dalight.unet"\n`),
    );
    const known = model('mask = scan -> two_con<|>', head);
    expect(complete(known, false)('two_convs')?.additionalTextEdits).toBeUndefined();
  });
});
