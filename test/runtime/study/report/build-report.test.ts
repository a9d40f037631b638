import { describe, expect, it } from 'vitest';
import type { Counts } from '../../../../runtime/metrics/scores.js';
import { rowRemarks } from '../../../../runtime/study/report/phrases.js';
import { buildReport } from '../../../../runtime/study/report/build-report.js';
import type { JobEnvironment } from '../../../../runtime/study/evidence.js';
import type { ReportRow, StudyReport } from '../../../../runtime/study/report/report.js';
import { studyProtocolSchema, studyRecordSchema } from '../../../../runtime/study/study-record.js';
import { makeEvidence, type EvidenceOptions } from '../make-evidence.js';

/** Voxels whose Dice, sensitivity and precision are `hits` / 100. */
function hits(hits: number): Counts {
  return { tp: hits, fp: 100 - hits, fn: 100 - hits, tn: 10_000 };
}

const ABSENT: Counts = { tp: 0, fp: 0, fn: 0, tn: 10_200 };
const MISSED: Counts = { tp: 0, fp: 0, fn: 100, tn: 10_100 };

/** One class; `table[row][seed - 1][case]` in hundredths of Dice. */
function byHand(table: Record<string, readonly (readonly number[])[]>, more: Partial<EvidenceOptions> = {}) {
  const seeds = Object.values(table)[0]!;
  return makeEvidence({
    rows: Object.keys(table).map((name) => ({ name })),
    seeds: seeds.map((_, index) => index + 1),
    cases: seeds[0]!.length,
    classes: ['tumour'],
    counts: ({ variant, seed }, id) => hits(table[variant]![seed - 1]![Number(id.slice(-2)) - 1]!),
    ...more,
  });
}

function row({ rows }: StudyReport, name: string): ReportRow {
  return rows.find(({ variant }) => variant === name)!;
}

const components = {
  rows: [
    { name: 'DALight3D' },
    { name: 'without csa', effect: -0.06 },
    { name: 'without ssfb', effect: 0.004 },
    {
      name: 'UNet3D',
      kind: 'rival',
      effect: 0.05,
      unmatched: { reason: 'needs more steps', differs: ['steps 300, 600'] },
    },
  ],
  cases: 24,
  folds: 3,
  classes: ['edema'],
} satisfies EvidenceOptions;

describe('evidence for tests', () => {
  it('has the form of a study folder', () => {
    const { record, protocol } = makeEvidence(components);
    expect(studyRecordSchema.parse(record)).toEqual(record);
    expect(studyProtocolSchema.parse(protocol)).toEqual(protocol);
  });
});

describe('figures of a report', () => {
  it('are means by case, over seeds, over cases', () => {
    const report = buildReport(byHand({ base: [[80, 60, 40], [90, 60, 50]], other: [[70, 60, 20], [80, 50, 50]] })); // prettier-ignore
    const { dice } = row(report, 'base').metrics;
    expect(dice).toMatchObject({ n: 3, rows: { counted: 6, all: 6 } });
    expect(dice!.mean).toBeCloseTo((0.85 + 0.6 + 0.45) / 3, 10);
    expect(dice!.seeds).toEqual([0.6, 0.666666666667]);
    const { dice: difference } = row(report, 'other').difference!;
    expect(difference!.mean).toBeCloseTo((-0.1 - 0.05 - 0.1) / 3, 10);
    expect(difference).toMatchObject({ n: 3, improvement: 0, p: { wilcoxon: 0.25, permutation: 0.25 } });
    expect(row(report, 'base')).not.toHaveProperty('difference');
    expect(report.study).toMatchObject({ cases: ['case-01', 'case-02', 'case-03'], jobs: { total: 4, done: 4 } });
  });

  it('weigh cases alike, however many classes have a value in them', () => {
    const counts: EvidenceOptions['counts'] = (_job, id, name) =>
      id === 'case-01' ? hits(name === 'edema' ? 90 : 70) : name === 'edema' ? hits(50) : ABSENT;
    const report = buildReport(makeEvidence({ rows: [{ name: 'base' }], cases: 2, seeds: [1], counts }));
    const { metrics, classes } = report.rows[0]!;
    expect(metrics.dice).toMatchObject({ mean: 0.65, ci: null, n: 2, rows: { counted: 3, all: 4 } });
    expect(classes['edema']!.dice).toMatchObject({ mean: 0.7, n: 2 });
    expect(classes['enhancing tumour']!.dice).toMatchObject({ mean: 0.7, n: 1, rows: { counted: 1, all: 2 } });
  });

  it('are never bettered by a missed lesion', () => {
    const miss = (missing: boolean): ReportRow => {
      const counts: EvidenceOptions['counts'] = (_job, id, name) =>
        missing && id === 'case-02' && name === 'edema' ? MISSED : hits(3);
      return buildReport(makeEvidence({ rows: [{ name: 'base' }], counts })).rows[0]!;
    };
    const [found, missed] = [miss(false).metrics, miss(true).metrics];
    for (const metric of ['dice', 'iou', 'sensitivity', 'precision'] as const)
      expect(missed[metric]!.mean).toBeLessThan(found[metric]!.mean);
    expect(missed.hd95!.mean).toBeGreaterThan(found.hd95!.mean);
  });

  it('call a lower HD95 an improvement', () => {
    const report = buildReport(makeEvidence({ ...components, seedNoise: 0 }));
    const { dice, hd95 } = row(report, 'without csa').difference!;
    expect(dice!.mean).toBeLessThan(0);
    expect(hd95!.mean).toBeGreaterThan(0);
    expect(hd95!.improvement).toBeLessThan(0.2);
  });

  it('lead to their runs and tell their costs', () => {
    const evidence = makeEvidence(components);
    const { runs, costs, ece } = row(buildReport(evidence), 'without csa');
    expect(runs.map(({ run }) => run)).toEqual(
      [1, 2].flatMap((seed) => [0, 1, 2].map((fold) => `runs/without-csa/seed-${seed}-fold-${fold}`)),
    );
    expect(runs.map(({ scores }) => scores)).toEqual(
      evidence.runs.filter(({ variant }) => variant === 'without csa').map(({ checksum }) => checksum),
    );
    expect(costs).toEqual({ steps: 300, secondsPerStep: 1.015, peakMemory: 1602 });
    expect(ece).toBe(0.02);
  });

  it('are the same bytes in whatever order runs and jobs come', () => {
    const evidence = makeEvidence(components);
    const turned = { ...evidence, runs: evidence.runs.toReversed(), jobs: evidence.jobs.toReversed() };
    expect(JSON.stringify(buildReport(turned))).toBe(JSON.stringify(buildReport(evidence)));
  });
});

describe('tests of a report', () => {
  it('state what a row does not see of the data', () => {
    const report = buildReport(
      makeEvidence({
        ...components,
        rows: [{ name: 'DALight3D' }, { name: 'OneChannel', kind: 'rival', inputs: ['does not see T1w, T2w'] }],
      }),
    );
    expect(report.rows.map(({ inputs }) => inputs)).toEqual([[], ['does not see T1w, T2w']]);
    expect(report.cautions).toContainEqual(expect.stringContaining('OneChannel (does not see T1w, T2w)'));
    expect(rowRemarks(report.rows[1]!)).toContain('does not see T1w, T2w');
  });

  it('are adjusted over matched rows; an unmatched row gets none and stays out of the family', () => {
    const report = buildReport(makeEvidence(components));
    const [csa, ssfb, rival] = ['without csa', 'without ssfb', 'UNet3D'].map((name) => row(report, name));
    for (const metric of ['dice', 'hd95'] as const) {
      const [first, second] = [csa!.difference![metric]!, ssfb!.difference![metric]!];
      expect(first.pHolm.wilcoxon).toBeCloseTo(2 * first.p.wilcoxon!, 12);
      expect(second.pHolm.wilcoxon).toBeCloseTo(Math.max(second.p.wilcoxon!, 2 * first.p.wilcoxon!), 12);
    }
    const { mean, ci, p, pHolm } = rival!.difference!.dice!;
    expect(mean).toBeGreaterThan(0.02);
    expect(ci![0]).toBeGreaterThan(0);
    expect({ p, pHolm }).toEqual({ p: { wilcoxon: null, permutation: null }, pHolm: { wilcoxon: null, permutation: null } }); // prettier-ignore
    expect(rival).toMatchObject({ matched: false, unmatched: { reason: 'needs more steps' } });
    expect(rival!.conclusion).toMatch(/not tested, because it is unmatched \(needs more steps\)\.$/);
    expect(report.cautions).toContainEqual(expect.stringContaining('UNet3D is unmatched'));
  });

  it('take differences for ties that are equal but for rounding', () => {
    const report = buildReport(byHand({ base: [[70, 80, 30, 60]], other: [[80, 90, 40, 30]] }));
    // 0.1, 0.1, 0.1 and -0.3: mid-ranks 2, 2, 2 and 4, so 6 above and 4 below, and nothing nearer to even but 4 and 6.
    expect(row(report, 'other').difference!.dice).toMatchObject({ mean: 0, p: { wilcoxon: 1, permutation: 1 } });
  });

  it('are 1 for a row that equals the base', () => {
    const report = buildReport(byHand({ base: [[70, 80, 30]], other: [[70, 80, 30]] }));
    const { difference, conclusion } = row(report, 'other');
    expect(difference!.dice).toEqual({
      mean: 0,
      ci: null,
      n: 3,
      p: { wilcoxon: 1, permutation: 1 },
      pHolm: { wilcoxon: 1, permutation: 1 },
      smallestP: 0.25,
      improvement: 0.5,
      detectable: null,
    });
    expect(conclusion).toBe("Dice equal to the base's in each of 3 cases: the two are not distinguishable.");
  });

  it('call it a collapse where both found nothing', () => {
    const report = buildReport(byHand({ base: [[0, 0, 0]], other: [[0, 0, 0]] }));
    expect(row(report, 'other').conclusion).toBe(
      "Dice equal to the base's in each of 3 cases, 0: neither network found anything.",
    );
    for (const { cautions } of report.rows)
      expect(cautions).toEqual([
        'All runs learned nothing (mean Dice below 0.01: seed 1, fold 0). The training collapsed or was too short, so a comparison says nothing about the architecture.',
      ]);
  });

  it('warn of a row of which some runs learned nothing, and draw no conclusion from it', () => {
    const base = [1, 2, 3, 4].map((seed) => Array.from({ length: 9 }, (_, at) => 30 + at + seed));
    const nothing = Array.from({ length: 9 }, () => 0);
    const report = buildReport(byHand({ base, other: [nothing, base[0]!, nothing, [...nothing.slice(1), 8]] }));
    const other = row(report, 'other');
    expect(other.cautions).toEqual([
      '3 of 4 runs learned nothing (mean Dice below 0.01: seed 1, fold 0; seed 3, fold 0; seed 4, fold 0). The mean mixes failed trainings with successful ones, so a difference may reflect the failures rather than the architecture.',
    ]);
    expect(other.conclusion).toMatch(
      / lower than the base's .*: not shown, because 3 of its 4 runs learned nothing\.$/,
    );
    expect(row(report, 'base').cautions).toEqual([]);
    const reversed = buildReport(byHand({ base: [nothing, ...base.slice(1)], other: base }));
    expect(row(reversed, 'other').conclusion).toMatch(/: not shown, because 1 of the base's 4 runs learned nothing\.$/);
    expect(row(reversed, 'other').cautions).toEqual([]);
  });

  it('do not take a poor network for one that learned nothing: the mean over cases decides, at 0.01', () => {
    const cautionsOf = (values: number[]): readonly string[] =>
      row(buildReport(byHand({ base: [[50, 50]], other: [values] })), 'other').cautions;
    expect(cautionsOf([0, 2])).toEqual([]);
    expect(cautionsOf([0, 1])).toHaveLength(1);
  });

  it('say when, where and with what the jobs ran', () => {
    const machine = { processor: 'A', cores: 4, memory: 1024, system: 'linux arm64' };
    const environment = (seed: number): JobEnvironment => ({
      finished: `2026-12-0${seed}T10:00:00.000Z`,
      machine: seed === 3 ? machine : { ...machine, processor: 'B' },
      versions: { node: seed === 3 ? '22.1.0' : '20.2.0', 'unet-lang': '0.1.0' },
    });
    const seeds = [1, 2, 3];
    const outcome = ({ seed }: { seed: number }) => ({ environment: environment(seed) });
    expect(buildReport(makeEvidence({ rows: [{ name: 'base' }], seeds, outcome })).environment).toEqual({
      finished: ['2026-12-01T10:00:00.000Z', '2026-12-03T10:00:00.000Z'],
      machines: [
        { ...machine, processor: 'B', jobs: 2 },
        { ...machine, jobs: 1 },
      ],
      versions: { node: ['20.2.0', '22.1.0'], 'unet-lang': ['0.1.0'] },
    });
    const none = makeEvidence({ rows: [{ name: 'base' }], unfinished: () => true });
    expect(buildReport(none).environment).toEqual({ finished: null, machines: [], versions: {} });
  });

  it('pair only what both have, and count rows that have not run in the family', () => {
    const unfinished: EvidenceOptions['unfinished'] = ({ variant, seed, fold }) =>
      variant === 'without ssfb' || (variant === 'without csa' && (seed === 2 || fold === 1));
    const report = buildReport(makeEvidence({ ...components, unfinished }));
    const csa = row(report, 'without csa');
    expect(csa.metrics.dice!.n).toBe(16);
    expect(csa.metrics.dice!.seeds[1]).toBeNull();
    expect(csa.runs.filter(({ scores }) => scores === null)).toHaveLength(4);
    const { dice } = csa.difference!;
    expect(dice!.n).toBe(16);
    expect(dice!.pHolm.permutation).toBeCloseTo(2 * dice!.p.permutation!, 12);
    const alone = buildReport(makeEvidence({ ...components, seeds: [1], unfinished }));
    expect(dice!.mean).toBe(row(alone, 'without csa').difference!.dice!.mean);
    expect(csa.conclusion).toMatch(/^Preliminary, with 2 of 6 jobs done \(base 6 of 6\): Dice 0\.\d{3} lower/);
    const ssfb = row(report, 'without ssfb');
    expect(ssfb).toMatchObject({ metrics: {}, difference: {}, ece: null, costs: { steps: null } });
    expect(ssfb.conclusion).toBe('None of its jobs has finished.');
    expect(report.cautions[0]).toBe(
      'Incomplete: 14 of 24 jobs done (without csa 2 of 6, without ssfb 0 of 6). All figures in these rows may still change.',
    );
  });

  it('are not made where a run followed another protocol, whatever the study says of its row', () => {
    const outcome: EvidenceOptions['outcome'] = ({ variant, seed }) =>
      variant === 'without csa' && seed === 2 ? { digest: 'f'.repeat(64) } : {};
    const csa = row(buildReport(makeEvidence({ ...components, outcome })), 'without csa');
    expect(csa.matched).toBe(false);
    expect(csa.unmatched!.differs).toHaveLength(3);
    expect(csa.difference!.dice!.p.wilcoxon).toBeNull();
  });

  it("refuse evidence that is no study's", () => {
    const { runs, ...rest } = makeEvidence(components);
    const stray = { ...runs[0]!, scores: [{ ...runs[0]!.scores[0]!, case: 'case-99' }] };
    expect(() => buildReport({ ...rest, runs: [stray] })).toThrow('case-99, which is not in a test fold');
    const twice = { ...runs[0]!, scores: [runs[0]!.scores[0]!, runs[0]!.scores[0]!] };
    expect(() => buildReport({ ...rest, runs: [twice] })).toThrow('contains two scores for class edema of case-01');
  });
});

describe('conclusions', () => {
  const four = [{ name: 'base' }, ...[1, 2, 3, 4].map((index) => ({ name: `v${index}`, effect: -0.1 * index }))];

  it('call a difference shown where interval, tests and seeds agree', () => {
    const { conclusion } = row(buildReport(makeEvidence({ ...components, seedNoise: 0 })), 'without csa');
    expect(conclusion).toMatch(
      /^Dice 0\.06\d lower than the base's \(95 % interval 0\.055 to 0\.070 lower; Holm p below 0\.0001\): shown on these 24 cases, with the same sign in each of 2 seeds\.$/,
    );
  });

  it('call none shown where 7 cases cannot show it in 4 comparisons', () => {
    const report = buildReport(makeEvidence({ rows: four, cases: 7 }));
    expect(report.cautions).toContain(
      'No difference can be significant at the 5 % level, whatever its size: with 7 test cases, the smallest possible p-value is 0.016, or 0.063 after Holm correction over 4 comparisons. Use at least 8 test cases, or at most 3 comparisons.',
    );
    for (const { conclusion, difference } of report.rows.slice(1)) {
      expect(conclusion).toMatch(
        /: not distinguishable from the base, because no difference of any size could have been shown with 7 cases and 4 comparisons\.$/,
      );
      expect(difference!.dice).toMatchObject({ smallestP: 0.0625, detectable: null });
    }
    const fewer = buildReport(makeEvidence({ rows: four.slice(0, 4), cases: 7 }));
    expect(fewer.cautions.join()).not.toContain('smallest possible p');
    expect(row(fewer, 'v3').conclusion).toContain('shown on these 7 cases');
  });

  it('say of 3 cases and of 2 what they are', () => {
    const three = buildReport(makeEvidence({ rows: four.slice(0, 2), cases: 3 }));
    expect(three.cautions).toContain(
      'No difference can be significant at the 5 % level, whatever its size: with 3 test cases, the smallest possible p-value is 0.25. Use at least 6 test cases.',
    );
    expect(three.cautions).toContainEqual(expect.stringContaining('about 75 % of them, not 95 %'));
    const two = buildReport(makeEvidence({ rows: four.slice(0, 2), cases: 2 }));
    expect(two.cautions).toContain('No interval can be computed from 2 cases.');
    expect(row(two, 'v1').conclusion).toMatch(
      /\(no interval; Holm p 0\.5\): not distinguishable from the base, because no difference of any size could have been shown with 2 cases and 1 comparison\.$/,
    );
  });

  it('say what would not have shown where nothing did', () => {
    const report = buildReport(byHand({ base: [[50, 60, 70, 80, 55, 40]], other: [[55, 55, 72, 77, 56, 40]] }));
    // Differences 5, -5, 2, -3, 1, 0 hundredths: mean 0, deviation 3.578. Six of one sign alone are below 0.05, which
    // they are in 0.8 of studies at a mean of 1.7927 deviations.
    const { detectable } = row(report, 'other').difference!.dice!;
    expect(detectable).toBeCloseTo(1.7927 * 0.03578, 4);
    expect(row(report, 'other').conclusion).toMatch(
      /not distinguishable from the base; if differences are normally distributed, a true difference below 0\.064 would be found with a probability of less than about 80 %\.$/,
    );
  });

  it('bind what one seed shows to that seed', () => {
    const report = buildReport(makeEvidence({ ...components, seeds: [4], seedNoise: 0 }));
    expect(report.cautions[0]).toMatch(/^With one seed,/);
    expect(row(report, 'without csa').conclusion).toMatch(/for one seed; another seed could reverse it\.$/);
  });

  it('show nothing where seeds disagree, however small p is', () => {
    const base = new Array<number>(12).fill(50);
    const report = buildReport(byHand({ base: [base, base], other: [base.map((_, k) => 60 + k), base.map((hit) => hit - 1)] })); // prettier-ignore
    expect(row(report, 'other').difference!.dice!.pHolm.wilcoxon).toBeLessThan(0.001);
    expect(row(report, 'other').conclusion).toMatch(
      /: not shown, because the seeds disagree \(seed 2 does not have this sign\)\.$/,
    );
  });

  it('warn of selection, of identifiers that tell nothing, of missed lesions and of cases of one side', () => {
    const counts: EvidenceOptions['counts'] = ({ variant }, id, name, made) => {
      if (id === 'case-02' && name === 'edema' && variant === 'without csa') return MISSED;
      return id === 'case-03' ? (variant === 'without csa' ? { ...ABSENT, fp: 9 } : ABSENT) : made;
    };
    const report = buildReport(
      makeEvidence({
        ...components,
        counts,
        protocol: {
          data: { kind: 'msd', name: 'Task02_Heart' },
          select: { kind: 'best', metric: 'mean_dice' },
          identify: [{ input: 'site', source: { kind: 'hash_case' } }],
        },
      }),
    );
    expect(row(report, 'without csa').selected).toBe('best validation score');
    const text = report.cautions.join('\n');
    expect(text).toContain('for the data set Task02_Heart, but these figures are from Task01_BrainTumour.');
    expect(buildReport(makeEvidence(components)).cautions.join()).not.toContain('data set');
    expect(text).toContain('best validation score; validation cases are not test cases');
    expect(text).toContain('Identifier site is a hash of the case name');
    expect(text).toContain('(per case, class and seed): without csa 4 of 48.');
    expect(text).toContain('count towards its mean but not towards the difference: without csa (1 case).');
  });
});
