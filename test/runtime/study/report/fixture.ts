import type { RunEvidence, StudyEvidence } from '../../../../runtime/study/evidence.js';
import type { StudyRow } from '../../../../runtime/study/study-record.js';
import type { Architecture } from '../../../../runtime/study/report/architecture.js';
import { makeEvidence, type RowOptions } from '../make-evidence.js';

type Network = RowOptions & Pick<StudyRow, 'change' | 'macs'>;

const NETWORKS: readonly Network[] = [
  { name: 'DALight3D', kind: 'base', change: '', params: 2_219_074, macs: 12.31e9 },
  { name: 'NoSepConv', change: 'convolution = off', params: 9_198_682, macs: 31.7e9, effect: 0.012 },
  { name: 'NoIdentifierNorm', change: 'norm = off', params: 2_194_498, macs: 12.3e9, effect: -0.004 },
  { name: 'NoCSA', change: 'csa = off', params: 1_924_522, macs: 12.1e9, effect: -0.015 },
  { name: 'NoSSFB', change: 'join = off', params: 2_209_588, macs: 11.8e9, effect: -0.07 },
  { name: 'ResidualUNet3D', kind: 'rival', change: '', params: 3_201_868, macs: 41.2e9, effect: 0.03 },
  {
    name: 'VNet3D',
    kind: 'rival',
    change: '',
    params: 4_990_468,
    macs: 44.9e9,
    effect: -0.03,
    unmatched: {
      reason: 'its authors train it with twice the steps',
      differs: ['steps 600 (base 300)', 'learning rate 1e-4 (base 5e-5)'],
    },
  },
];

/** What the checks before training note of the variants, the first for two of them. */
const NOTES: readonly (readonly string[])[] = [
  [],
  ['The loss does not depend on `head.bias` (64 parameters): a norm or softmax removes what is added there.'],
  [
    'The loss does not depend on `head.bias` (64 parameters): a norm or softmax removes what is added there.',
    'No gradient reaches 12 parameters in `site.table`: every case has `site` (declared `fallback`).',
  ],
];

/** Names that try to act instead of being read. */
const HOSTILE: readonly string[] = [
  '</script><img src=x onerror="document.title=\'ran\'">',
  '\\input{/etc/passwd}',
  '"><svg onload=document.title="ran">',
  '=HYPERLINK("http://example.org")',
  '^^41 $x_1$ 100% \u001b[31mred',
  'Ünïcode-网络-🧠 \u202eabc',
  "javascript:document.title='ran' 'x' onmouseover=alert(1)",
];

export interface FixtureOptions {
  readonly hostile?: boolean;
  /** Default all of them; the first is the base. */
  readonly networks?: number;
  /** How many jobs have finished; default all but the last. */
  readonly finished?: number;
}

/** Folds differ in the length of an epoch, the unmatched row trains twice as long, and every second epoch validates. */
function withCurve(run: RunEvidence, unmatched: boolean): RunEvidence {
  const stretch = (unmatched ? 2 : 1) * (run.fold === 0 ? 0.9 : 1);
  const curve = run.curve.map(({ validation, ...line }, index) => {
    const due = index % 2 === 1 && validation !== undefined;
    return { ...line, step: Math.round(line.step * stretch), ...(due && { validation }) };
  });
  return { ...run, curve };
}

/**
 * A study as a lab would run it: DALight3D, four variants without a module each, two rivals of which one does not
 * follow the protocol; seven cases of three classes in three folds, two seeds, one job that has not finished. Case
 * `case-03` has no enhancing tumour.
 */
export function makeStudy({
  hostile = false,
  networks = NETWORKS.length,
  finished,
}: FixtureOptions = {}): StudyEvidence {
  const some = NETWORKS.slice(0, networks);
  const rows = some.map((network, index) =>
    hostile
      ? { ...network, name: HOSTILE[index]!, notes: [HOSTILE[index]!] }
      : { ...network, notes: NOTES[index] ?? [] },
  );
  const evidence = makeEvidence({
    rows,
    folds: 3,
    classes: ['edema', 'non-enhancing tumour', 'enhancing tumour'],
    counts: (_, id, name, counts) =>
      id === 'case-03' && name === 'enhancing tumour' ? { tp: 0, fp: 0, fn: 0, tn: 1 } : counts,
    protocol: { select: { kind: 'best', metric: 'mean_dice' } },
  });
  const { record } = evidence;
  return {
    ...evidence,
    record: {
      ...record,
      name: hostile ? `Components </title>${HOSTILE[0]!}` : 'DALight3DComponents',
      rows: record.rows.map((row, index) => ({ ...row, change: rows[index]!.change, macs: rows[index]!.macs })),
    },
    runs: evidence.runs.slice(0, finished ?? -1).map((run) =>
      withCurve(
        run,
        rows.some(({ name, unmatched }) => name === run.variant && unmatched),
      ),
    ),
  };
}

/** The networks of a study as the compiler draws them; one cannot be drawn. */
export function makeArchitectures({ record }: StudyEvidence): readonly Architecture[] {
  return record.rows.map(({ name, kind }, index) => {
    if (index === 4) return { variant: name, drawing: { problem: `The spec of ${name} does not match.` } };
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="400"><rect width="${100 + 100 * index}" height="200"/></svg>`;
    const changes = [{ change: '− removed', module: `encoder.${name}`, what: `what ${name} was`, params: '−280,584' }];
    return { variant: name, drawing: kind === 'variant' ? { svg, changes } : { svg } };
  });
}
