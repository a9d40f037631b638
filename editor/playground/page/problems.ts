import { LSPPlugin } from '@codemirror/lsp-client';
import { forEachDiagnostic, linter, lintGutter, type Action, type Diagnostic } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import type * as lsp from 'vscode-languageserver-protocol';

/** Milliseconds without typing before the text is checked. */
const delay = 120;
/** Fixes are asked for the first problems only: input that is not a spec has thousands. */
const mostWithFixes = 40;
const severities = ['error', 'error', 'warning', 'info', 'info'] as const;

/** The edits of a fix in the document. */
function changesOf(plugin: LSPPlugin, edits: readonly lsp.TextEdit[]): { from: number; to: number; insert: string }[] {
  return edits.map(({ range, newText }) => ({
    from: plugin.fromPosition(range.start),
    to: plugin.fromPosition(range.end),
    insert: newText,
  }));
}

async function fixesOf(plugin: LSPPlugin, problem: lsp.Diagnostic): Promise<Action[]> {
  const { client, uri } = plugin;
  const params = { textDocument: { uri }, range: problem.range, context: { diagnostics: [problem] } };
  const found = await client.request<lsp.CodeActionParams, lsp.CodeAction[] | null>('textDocument/codeAction', params);
  return (found ?? []).flatMap(({ title, edit }): Action[] => {
    const edits = edit?.changes?.[uri];
    if (edits === undefined) return [];
    return [{ name: title, apply: (view) => view.dispatch({ changes: changesOf(plugin, edits), userEvent: 'fix' }) }];
  });
}

async function check(view: EditorView): Promise<Diagnostic[]> {
  const plugin = LSPPlugin.get(view);
  if (plugin === null) return [];
  const { client, uri } = plugin;
  await client.initializing;
  client.sync();
  const document = view.state.doc;
  const report = await client.request<lsp.DocumentDiagnosticParams, lsp.DocumentDiagnosticReport>(
    'textDocument/diagnostic',
    { textDocument: { uri } },
  );
  if (report.kind !== 'full' || view.state.doc !== document) return [];
  const fixes = await Promise.all(report.items.slice(0, mostWithFixes).map((each) => fixesOf(plugin, each)));
  if (view.state.doc !== document) return [];
  return report.items.map((problem, index) => ({
    from: plugin.fromPosition(problem.range.start),
    to: plugin.fromPosition(problem.range.end),
    severity: severities[problem.severity ?? 1] ?? 'error',
    source: String(problem.code ?? ''),
    message: typeof problem.message === 'string' ? problem.message : problem.message.value,
    actions: fixes[index] ?? [],
  }));
}

/** Asks again if the server has dropped the question because something changed, such as the specs that it knows. */
async function checkAgain(view: EditorView): Promise<Diagnostic[]> {
  const { doc } = view.state;
  for (let tries = 0; tries < 5 && view.state.doc === doc; tries++) {
    try {
      return await check(view);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
  return [];
}

/** Problems of the text with their fixes, in the editor and as a list for `shown`. */
export function problems(shown: (view: EditorView, found: readonly Diagnostic[]) => void): Extension {
  return [
    linter(checkAgain, { delay }),
    lintGutter(),
    EditorView.updateListener.of(({ view, transactions }) => {
      if (!transactions.some(({ effects }) => effects.length > 0)) return;
      const found: Diagnostic[] = [];
      forEachDiagnostic(view.state, (each, from, to) => found.push({ ...each, from, to }));
      shown(view, found);
    }),
  ];
}
