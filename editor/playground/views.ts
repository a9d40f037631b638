import type { ModelNode, VariantNode } from '../../grammar/ast.js';
import type { DiffSide } from '../../compiler/emit/diff/diff.js';
import type { Network } from '../../compiler/ir/ir.js';
import { commonPatchOf, usualPatch } from '../../compiler/ir/patch.js';
import type { Analysis } from '../analysis.js';
import { diagramOf } from '../features/diagram.js';
import { reportText } from '../features/commands.js';
import { studyText } from '../features/studies.js';
import { pathOf } from '../text/paths.js';
import type { Workspace } from '../workspace.js';
import { protocolTexts } from './protocol-view.js';

/** The request for what a tab of the playground shows, with `ViewParams`; it returns `View`. */
export const viewRequest = 'unet/view';

export type TabName = 'report' | 'diagram' | 'code' | 'diff' | 'study';

export interface ViewParams {
  readonly uri: string;
  readonly tab: TabName;
  /** The model shown; defaults to the first one of the document. */
  readonly model?: string;
  /** The model that a diff starts from, in the document or, with `before`, in that one. */
  readonly base?: string;
  /** URI of the document with the text that a diff starts from. */
  readonly before?: string;
}

/** What a tab shows. */
export interface View {
  /** The models of the document, in order. */
  readonly models: readonly string[];
  /** The model shown. */
  readonly model?: string;
  /** Names of the models that a diff can start from. */
  readonly bases?: readonly string[];
  readonly content:
    | { readonly as: 'markdown' | 'svg' | 'code'; readonly text: string }
    /** Why there is nothing to show. */
    | { readonly as: 'note'; readonly text: string };
}

function named(analysis: Analysis): readonly (ModelNode | VariantNode)[] {
  return analysis.models.filter(({ name }) => name.name !== '');
}

function note(text: string): View['content'] {
  return { as: 'note', text };
}

const hasErrors = 'This model has errors, which the editor marks.';

/** Returns what a tab shows of the text in the editor. */
export async function viewOf(workspace: Workspace, params: ViewParams): Promise<View> {
  const analysis = workspace.analysis(pathOf(params.uri));
  if (analysis === undefined) return { models: [], content: note('The text cannot be read.') };
  const models = named(analysis).map(({ name }) => name.name);
  if (params.tab === 'study') return { models: [], content: studies(analysis) };
  const model = models.find((each) => each === params.model) ?? models[0];
  if (model === undefined) return { models, content: note('The text declares no model.') };
  if (params.tab === 'diff') return { models, model, ...(await diff(workspace, analysis, model, params)) };
  return { models, model, content: await contentOf(analysis, params, model) };
}

async function contentOf(analysis: Analysis, { uri, tab }: ViewParams, model: string): Promise<View['content']> {
  if (tab === 'report') {
    const text = reportText(analysis, model);
    return text === undefined ? note(hasErrors) : { as: 'markdown', text };
  }
  if (tab === 'diagram') {
    const svg = (await diagramOf(analysis, { uri, model }))?.svg ?? null;
    return svg === null ? note(hasErrors) : { as: 'svg', text: svg };
  }
  const network = networkOf(analysis, model);
  if (network === undefined) return note(hasErrors);
  const { emitTfjs } = await import('../../compiler/emit/tfjs/emit-tfjs.js');
  return { as: 'code', text: emitTfjs(network) };
}

function networkOf(analysis: Analysis, model: string): Network | undefined {
  const node = analysis.modelNamed(model);
  return node === undefined ? undefined : analysis.figuresOf(node)?.network;
}

/** Compares the model with another one of the text, or with the one of its name in an earlier text. */
async function diff(
  workspace: Workspace,
  analysis: Analysis,
  model: string,
  { base, before }: ViewParams,
): Promise<Pick<View, 'bases' | 'content'>> {
  const earlier = before === undefined ? analysis : workspace.analysis(pathOf(before));
  const models = earlier === undefined ? [] : named(earlier).map(({ name }) => name.name);
  const bases = before === undefined ? models.filter((each) => each !== model) : models;
  const chosen = bases.find((each) => each === base) ?? bases.find((each) => each === model) ?? bases[0];
  if (earlier === undefined || chosen === undefined) {
    return { bases, content: note('The text declares no other model to compare with.') };
  }
  const [left, right] = [networkOf(earlier, chosen), networkOf(analysis, model)];
  if (left === undefined) return { bases, content: note(`The model ${chosen} that it is compared with has errors.`) };
  if (right === undefined) return { bases, content: note(hasErrors) };
  const common = commonPatchOf(left, right);
  const side = (network: Network, source: string): DiffSide => ({
    network,
    protocol: undefined,
    patch: common ?? usualPatch(network),
    source,
  });
  const [{ buildDiff }, { renderDiffMarkdown }] = await Promise.all([
    import('../../compiler/emit/diff/diff.js'),
    import('../../compiler/emit/diff/render-markdown.js'),
  ]);
  const text = renderDiffMarkdown(
    buildDiff(side(left, before === undefined ? chosen : `${chosen} before`), side(right, model)),
  );
  return { bases, content: { as: 'markdown', text } };
}

/** Every study as the table of its rows, and every protocol with its defaults written out. */
function studies(analysis: Analysis): View['content'] {
  const tables = analysis.studies.map(
    ({ name: { name } }) => studyText(analysis, name) ?? `# Study ${name}\n\nIt has errors, which the editor marks.\n`,
  );
  const texts = [...tables, ...protocolTexts(analysis)];
  if (texts.length === 0) return note('The text declares no study and no protocol.');
  return { as: 'markdown', text: texts.join('\n') };
}
