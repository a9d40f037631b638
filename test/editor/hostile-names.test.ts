import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { ablationsText, reportText } from '../../editor/features/commands.js';
import { codeLenses } from '../../editor/features/code-lens.js';
import { hoverAt } from '../../editor/features/hover.js';
import { inlayHints } from '../../editor/features/inlay-hints.js';
import { Workspace } from '../../editor/workspace.js';
import { printable } from '../../compiler/emit/printable.js';
import { expectHarmlessMarkdown, hostileNames, hostileSpec, modelName } from '../hostile-names.js';

const path = resolve(import.meta.dirname, '../../specs/in-memory.unet');
const everywhere = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

it.each(hostileNames.map((name) => [printable(name).slice(0, 40), name]))('names made of %s are text', (_, name) => {
  const text = hostileSpec(name);
  const workspace = new Workspace({
    readFile: (file) => (existsSync(file) ? readFileSync(file) : undefined),
    resolve: (from, to) => resolve(dirname(from), to),
  });
  workspace.open(path, pathToFileURL(path).href, 1, text);
  const analysis = workspace.analysis(path)!;
  const file = analysis.fileOf(path)!;
  expect(analysis.diagnostics).toEqual([]);
  const shown = new Set<string>();
  for (const { index } of text.matchAll(/`[^`]+`|[a-z]\w+/g)) {
    const hover = hoverAt(workspace, { analysis, path, file, offset: index + 1 });
    if (hover !== undefined) shown.add((hover.contents as { value: string }).value);
  }
  expect(shown.size).toBeGreaterThan(10);
  // Tables are of places that several levels reach.
  expect([...shown].some((markdown) => markdown.includes('| --- |'))).toBe(true);
  for (const { tooltip } of inlayHints([analysis], file, everywhere)) {
    if (tooltip !== undefined && typeof tooltip !== 'string') shown.add(tooltip.value);
  }
  const model = modelName(name);
  shown.add(reportText(analysis, model)!).add(ablationsText(analysis, model)!);
  for (const markdown of shown) expectHarmlessMarkdown(markdown);
  const named = codeLenses(analysis).flatMap(({ command }) => command?.arguments as { model: string }[]);
  expect(named).toContainEqual({ uri: pathToFileURL(path).href, model });
});
