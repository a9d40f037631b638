import type { ElementNode, EntryNode, Expression, ProtocolNode } from '../../grammar/ast.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { report } from '../../grammar/diagnostics/registry.js';
import { meant } from '../../grammar/diagnostics/suggest.js';
import { misplacedInList } from '../../grammar/element-forms.js';
import type { Augmentation, LossTerm, Protocol } from './protocol.js';
import { chosen, said, unknownWord } from './said.js';
import { entryWords, isEntryName, type EntryName } from './words.js';

/** The value of an entry, or undefined where it is out of form. */
type Reader<T> = (expression: Expression) => T | undefined;

/** How each entry reads, and the form it takes in the words of a message. */
interface Entry<T> {
  readonly form: string;
  readonly read: Reader<T>;
}

function number(expression: Expression | undefined): number | undefined {
  if (expression?.kind === 'Number') return expression.value;
  if (expression?.kind === 'Unary' && expression.operator === '-') {
    const value = number(expression.operand);
    return value === undefined ? undefined : -value;
  }
  return undefined;
}

function bounded(expression: Expression | undefined, least: number, most: number): number | undefined {
  const value = number(expression);
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function whole(expression: Expression | undefined, least: number, most = 2 ** 31): number | undefined {
  const value = bounded(expression, least, most);
  return value !== undefined && Number.isInteger(value) ? value : undefined;
}

/** The elements of a list of values, which have no names. */
function elements(expression: Expression | undefined): readonly ElementNode[] | undefined {
  const items = expression?.kind === 'List' ? expression.items : undefined;
  return items?.every((item) => misplacedInList(item).length === 0) === true ? items : undefined;
}

function strings(expression: Expression | undefined): readonly string[] | undefined {
  const items = elements(expression)?.map((item) => (item.value.kind === 'String' ? item.value.value : undefined));
  return items !== undefined && items.every((item) => item !== undefined) ? items : undefined;
}

const data: Entry<Protocol['data']> = {
  form: '`msd("NAME")`',
  read: (expression) => {
    const name = said(expression, entryWords.data.words)?.positional[0];
    return name?.kind === 'String' ? { kind: 'msd', name: name.value } : undefined;
  },
};

/** More than a data set has cases; each is written down. */
const mostFolds = 1000;

const split: Entry<Protocol['split']> = {
  form: '`kfold(FOLDS, seed: N)` with 2 to 1000 folds, or `cases(train: ["..."], validation: ["..."])`',
  read: (expression) => {
    const call = said(expression, entryWords.split.words);
    if (call?.word === 'kfold') {
      const folds = whole(call.positional[0], 2, mostFolds);
      const seed = call.named.has('seed') ? whole(call.named.get('seed'), 0) : 12345;
      return folds === undefined || seed === undefined ? undefined : { kind: 'kfold', folds, seed };
    }
    const train = strings(call?.named.get('train'));
    const validation = strings(call?.named.get('validation'));
    if (train === undefined || validation === undefined || train.length === 0) return undefined;
    if (train.some((name) => validation.includes(name))) return undefined;
    return { kind: 'cases', train, validation };
  },
};

const patch: Entry<Protocol['patch']> = {
  form: '`random([D, H, W], foreground: redraw(DRAWS, above: VOXELS))`',
  read: (expression) => {
    const { random } = entryWords.patch.words;
    const call = said(expression, { random });
    const size = elements(call?.positional[0])?.map((item) => whole(item.value, 1));
    if (size === undefined || size.length === 0 || size.length > 3) return undefined;
    if (!size.every((each) => each !== undefined)) return undefined;
    const foreground = call?.named.get('foreground');
    if (foreground === undefined) return { kind: 'random', size, foreground: null };
    const redraw = said(foreground, random.named.foreground.words);
    if (redraw?.word === 'none') return { kind: 'random', size, foreground: null };
    if (redraw === undefined) return undefined;
    const draws = whole(redraw.positional[0], 1);
    const above = redraw.named.has('above') ? whole(redraw.named.get('above'), 0) : 0;
    return draws === undefined || above === undefined
      ? undefined
      : { kind: 'random', size, foreground: { draws, above } };
  },
};

const normalize: Entry<Protocol['normalize']> = {
  form: '`zscore(nonzero)`, `zscore(all)` or `none`',
  read: (expression) => {
    const { words } = entryWords.normalize;
    const call = said(expression, words);
    if (call === undefined) return undefined;
    if (call.word === 'none') return { kind: 'none' };
    const [voxels] = call.positional;
    const over = voxels === undefined ? 'nonzero' : chosen(voxels, words.zscore.takes.words);
    return over === undefined ? undefined : { kind: 'zscore', over };
  },
};

const augment: Entry<Protocol['augment']> = {
  form: 'a list of `flip(AXIS, ...)`, `scale(A .. B)`, `shift(A .. B)` and `noise(DEVIATION)`',
  read: (expression) => {
    const steps = elements(expression)?.map((item) =>
      item.name === undefined ? readAugmentation(item.value) : undefined,
    );
    return steps !== undefined && steps.every((step) => step !== undefined) ? steps : undefined;
  },
};

function readAugmentation(expression: Expression): Augmentation | undefined {
  const call = said(expression, entryWords.augment.items);
  const first = call?.positional[0];
  switch (call?.word) {
    case 'flip': {
      const axes = call.positional.map((axis) => (axis.kind === 'Name' ? axis.name : undefined));
      const named = axes.every((axis) => axis !== undefined && /^[A-Z]/.test(axis));
      return axes.length > 0 && named ? { kind: 'flip', axes: axes.flatMap((axis) => axis ?? []) } : undefined;
    }
    case 'scale':
    case 'shift': {
      if (first?.kind !== 'Range') return undefined;
      const from = number(first.from);
      const to = number(first.to);
      return from === undefined || to === undefined || from > to ? undefined : { kind: call.word, from, to };
    }
    case 'noise': {
      const deviation = bounded(first, 0, 1e6);
      return deviation === undefined ? undefined : { kind: 'noise', deviation };
    }
    case undefined:
      return undefined;
  }
}

const loss: Entry<Protocol['loss']> = {
  form: 'a sum of `dice(smooth: N, classes: foreground)` and `cross_entropy`, each with an optional weight: `0.5 * dice`',
  read: (expression) => {
    if (expression.kind === 'Binary' && expression.operator === '+') {
      const left = loss.read(expression.left);
      const right = loss.read(expression.right);
      return left === undefined || right === undefined ? undefined : [...left, ...right];
    }
    const term = readTerm(expression);
    return term === undefined ? undefined : [term];
  },
};

function readTerm(expression: Expression): LossTerm | undefined {
  if (expression.kind === 'Binary' && expression.operator === '*') {
    const factor = bounded(expression.left, 0, 1e6);
    const term = readTerm(expression.right);
    return factor === undefined || term === undefined ? undefined : { ...term, weight: term.weight * factor };
  }
  const { words } = entryWords.loss;
  const call = said(expression, words);
  if (call === undefined) return undefined;
  if (call.word === 'cross_entropy') return { kind: 'cross_entropy', weight: 1 };
  const smooth = call.named.has('smooth') ? bounded(call.named.get('smooth'), 0, 1e9) : 1;
  const written = call.named.get('classes');
  const classes = written === undefined ? 'foreground' : chosen(written, words.dice.named.classes.words);
  return smooth === undefined || classes === undefined ? undefined : { kind: 'dice', weight: 1, smooth, classes };
}

const deep: Entry<Protocol['deep']> = {
  form: '`halving` or `equal`',
  read: (expression) => chosen(expression, entryWords.deep.words),
};

const optimizer: Entry<Protocol['optimizer']> = {
  form: '`adamw(lr: RATE, weight_decay: D, clip_norm: N, beta1: B, beta2: B, epsilon: E)`, of which only `lr` is required',
  read: (expression) => {
    const call = said(expression, entryWords.optimizer.words);
    if (call === undefined) return undefined;
    const value = (name: string, least: number, most: number, otherwise: number | null): number | null | undefined =>
      call.named.has(name) ? bounded(call.named.get(name), least, most) : otherwise;
    const lr = bounded(call.named.get('lr'), Number.MIN_VALUE, 1e3);
    const weightDecay = value('weight_decay', 0, 1e3, 0.01);
    const clipNorm = value('clip_norm', Number.MIN_VALUE, 1e9, null);
    const beta1 = value('beta1', 0, 0.999999, 0.9);
    const beta2 = value('beta2', 0, 0.9999999, 0.999);
    const epsilon = value('epsilon', Number.MIN_VALUE, 1, 1e-8);
    if (typeof lr !== 'number' || typeof weightDecay !== 'number' || clipNorm === undefined) return undefined;
    if (typeof beta1 !== 'number' || typeof beta2 !== 'number' || typeof epsilon !== 'number') return undefined;
    return { kind: 'adamw', lr, beta1, beta2, epsilon, weightDecay, clipNorm };
  },
};

const schedule: Entry<Protocol['schedule']> = {
  form: '`constant`, `cosine(to: RATE)` or `poly(power: P)`',
  read: (expression) => {
    const call = said(expression, entryWords.schedule.words);
    if (call === undefined) return undefined;
    if (call.word === 'constant') return { kind: 'constant' };
    if (call.word === 'cosine') {
      const to = call.named.has('to') ? bounded(call.named.get('to'), 0, 1e3) : 0;
      return to === undefined ? undefined : { kind: 'cosine', to };
    }
    const power = call.named.has('power') ? bounded(call.named.get('power'), 0, 100) : 0.9;
    return power === undefined ? undefined : { kind: 'poly', power };
  },
};

const epochs: Entry<Protocol['length']> = {
  form: 'a whole number of at least 1',
  read: (expression) => {
    const count = whole(expression, 1);
    return count === undefined ? undefined : { kind: 'epochs', epochs: count };
  },
};

const steps: Entry<Protocol['length']> = {
  form: 'a whole number of at least 1',
  read: (expression) => {
    const count = whole(expression, 1);
    return count === undefined ? undefined : { kind: 'steps', steps: count };
  },
};

const batch: Entry<number> = { form: 'a whole number of at least 1', read: (expression) => whole(expression, 1) };

const validate: Entry<Protocol['validate']> = {
  form: '`sliding_window(overlap: 0.5, blend: gaussian, every: EPOCHS)`, or `every: never`',
  read: (expression) => {
    const { words } = entryWords.validate;
    const call = said(expression, words);
    if (call === undefined) return undefined;
    const { blend: blends } = words.sliding_window.named;
    const overlap = call.named.has('overlap') ? bounded(call.named.get('overlap'), 0, 0.95) : 0.5;
    const blend = call.named.has('blend') ? chosen(call.named.get('blend'), blends.words) : 'gaussian';
    const every = call.named.has('every') ? epochsBetween(call.named.get('every')) : 1;
    if (overlap === undefined || every === undefined || blend === undefined) return undefined;
    return { kind: 'sliding_window', overlap, blend, every };
  },
};

/** Every so many epochs; null for `never`. */
function epochsBetween(expression: Expression | undefined): number | null | undefined {
  const { every } = entryWords.validate.words.sliding_window.named;
  return chosen(expression, every.words) === 'never' ? null : whole(expression, 1);
}

const select: Entry<Protocol['select']> = {
  form: '`last` or `best(mean_dice)`',
  read: (expression) => {
    const { words } = entryWords.select;
    const call = said(expression, words);
    if (call?.word === 'last') return { kind: 'last' };
    const metric = chosen(call?.positional[0], words.best.takes.words);
    return metric === undefined ? undefined : { kind: 'best', metric };
  },
};

const identify: Entry<Protocol['identify']> = {
  form: 'a list such as `[site: column("site")]`; the other sources are `hash(case)` and `none`',
  read: (expression) => {
    if (chosen(expression, entryWords.identify.words) === 'none') return [];
    const sources = expression.kind === 'List' ? expression.items.map(readIdentity) : undefined;
    if (sources === undefined || !sources.every((source) => source !== undefined)) return undefined;
    return sources.flatMap((source) => (source === 'none' ? [] : [source]));
  },
};

function readIdentity(item: ElementNode): Protocol['identify'][number] | 'none' | undefined {
  const { items } = entryWords.identify;
  const call = said(item.value, items);
  if (item.name === undefined || item.separator !== ':' || call === undefined) return undefined;
  const input = item.name.name;
  const [first] = call.positional;
  switch (call.word) {
    case 'none':
      return 'none';
    case 'hash':
      return chosen(first, items.hash.takes.words) === 'case' ? { input, source: { kind: 'hash_case' } } : undefined;
    case 'column':
      return first?.kind === 'String' ? { input, source: { kind: 'column', name: first.value } } : undefined;
  }
}

const entries: { readonly [Name in EntryName]: Entry<unknown> } = {
  data,
  split,
  patch,
  normalize,
  augment,
  loss,
  deep,
  optimizer,
  schedule,
  epochs,
  steps,
  batch,
  validate,
  select,
  identify,
};

/** What each entry of a protocol may say, in words and examples, by its name. */
export const entryForms: ReadonlyMap<string, string> = new Map(
  Object.entries(entries).map(([name, { form }]) => [name, form]),
);

/** What a protocol need not say. */
const defaults = {
  data: null,
  split: { kind: 'kfold', folds: 5, seed: 12345 },
  normalize: { kind: 'zscore', over: 'nonzero' },
  augment: [],
  deep: 'halving',
  schedule: { kind: 'constant' },
  batch: 1,
  validate: { kind: 'sliding_window', overlap: 0.5, blend: 'gaussian', every: 1 },
  select: { kind: 'last' },
  identify: [],
} as const;

/**
 * Lowers a protocol to data, every default made explicit (UNET2002, UNET3050 to UNET3053). Undefined where
 * something is wrong.
 */
export function lowerProtocol(node: ProtocolNode): { protocol: Protocol | undefined; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const found = new Map<EntryName, { entry: EntryNode; value: unknown }>();
  for (const entry of node.entries) {
    const name = entry.name.name;
    if (name === '') continue;
    if (!isEntryName(name)) {
      const extras = meant(name, Object.keys(entries), entry.name.span);
      diagnostics.push(report('UNET3050', { name }, entry.name.span, extras));
      continue;
    }
    const first =
      found.get(name) ?? (name === 'epochs' ? found.get('steps') : name === 'steps' ? found.get('epochs') : undefined);
    if (first !== undefined) {
      const labels = [{ span: first.entry.name.span, text: 'first given here' }];
      diagnostics.push(report('UNET2002', { name }, entry.name.span, { labels }));
      continue;
    }
    const value: unknown = entries[name].read(entry.value);
    if (value === undefined && entry.value.kind !== 'Missing') {
      const unknown = unknownWord(entry.value, entryWords[name]);
      const extras = unknown === undefined ? {} : meant(unknown.at.name, unknown.known, unknown.at.span);
      diagnostics.push(report('UNET3051', { name, expected: entries[name].form }, entry.value.span, extras));
    }
    found.set(name, { entry, value });
  }
  const lacking: string[] = (['patch', 'loss', 'optimizer'] as const).filter((name) => !found.has(name));
  if (!found.has('epochs') && !found.has('steps')) lacking.push('epochs');
  if (lacking.length > 0) {
    diagnostics.push(report('UNET3052', { name: lacking.join('`, `'), protocol: node.name.name }, node.name.span));
  }
  if (diagnostics.length > 0 || [...found.values()].some(({ value }) => value === undefined)) {
    return { protocol: undefined, diagnostics };
  }
  const values = Object.fromEntries([...found].map(([name, { value }]) => [name, value]));
  const { epochs: inEpochs, steps: inSteps, ...rest } = values;
  // Each value has come through its entry's reader, which the record of mixed readers cannot express.
  const protocol = { name: node.name.name, ...defaults, ...rest, length: inEpochs ?? inSteps } as unknown as Protocol;
  if (protocol.select.kind === 'best' && protocol.validate.every === null) {
    const entry = found.get('validate')?.entry ?? node;
    return { protocol: undefined, diagnostics: [report('UNET3053', {}, entry.span)] };
  }
  return { protocol, diagnostics };
}
