import { describe, expect, it } from 'vitest';
import type { RunEvidence } from '../../../../runtime/study/evidence.js';
import { caseDice } from '../../../../runtime/study/case-dice.js';
import { buildReport } from '../../../../runtime/study/report/build-report.js';
import { renderReportHtml } from '../../../../runtime/study/report/render-html.js';
import { chosenCases } from '../../../../runtime/study/report/page/case-scores.js';
import { placeLabels } from '../../../../runtime/study/report/page/label-places.js';
import { meanCurve } from '../../../../runtime/study/report/page/mean-curve.js';
import { valueText } from '../../../../runtime/study/report/page/protocol-text.js';
import { chartPalette } from '../../../../runtime/study/report/page/chart-styles.js';
import { STYLES } from '../../../../runtime/study/report/page/styles.js';
import { pageStyles } from '../../../../text/page/page-styles.js';
import { pagePalette } from '../../../../text/page/palette.js';
import { rowNotes } from '../../../../runtime/study/report/notes.js';
import { sliceFile } from '../../../../runtime/pictures/case-slice.js';
import { renderPng } from '../../../../text/render-png.js';
import { markup } from '../../../../text/markup.js';
import { makeArchitectures, makeStudy } from './fixture.js';
import { readSlice, slice } from './fixture-slice.js';

const evidence = makeStudy();
const report = buildReport(evidence);
const architectures = makeArchitectures(evidence);
const page = renderReportHtml(report, { evidence, architectures, read: readSlice });

/** A slice whose names try to act. */
function readHostile(path: string): Uint8Array | undefined {
  const name = '"><script>alert(1)</script>\u202e';
  const labels = slice.labels.map((label) => ({ ...label, name }));
  const file = sliceFile({ ...slice, labels, channel: name, edges: [name, name, name, name] });
  return path.endsWith('.json') ? Buffer.from(JSON.stringify(file)) : undefined;
}

describe('the page', () => {
  it('needs nothing from outside and may not ask for it', () => {
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:;`);
    expect(page).not.toMatch(/<(script|link|iframe|object|embed|base)\b/i);
    expect(
      [...page.matchAll(/\b(?:src|href)="([^"]*)"/g)]
        .map(([, url]) => url!.replace(/^(#|\.\/|data:image\/(png|svg\+xml);base64,)[^]*/, ''))
        .filter((url) => url !== ''),
    ).toEqual([]);
    expect(pageStyles + STYLES).not.toMatch(/url\(|@import/);
  });

  it('says what it is about and what it cannot show before any figure', () => {
    const head = page.slice(0, page.indexOf('<main>'));
    expect(head).toContain('<h1>DALight3DComponents</h1>');
    expect(head).toContain('DALight3D is compared with 4 variants and 2 rivals on 7 test cases, 3 folds and 2 seeds');
    for (const caution of report.cautions) expect(head).toContain(caution);
  });

  it('has each caution once, and the rows in its table', () => {
    const table = page.slice(page.indexOf('<table>'), page.indexOf('</table>'));
    for (const caution of report.cautions) expect(page.split(markup`${caution}`.source)).toHaveLength(2);
    expect(table.match(/<th scope="row">/g)).toHaveLength(7);
    expect(table).toContain('not matched');
  });

  it('has the cautions of its rows at the top and their notes below the table, each once, linked from the rows', () => {
    const hostileEvidence = makeStudy({ hostile: true });
    const hostile = buildReport(hostileEvidence);
    const rows = hostile.rows.map((row) => ({ ...row, cautions: [`doubt ${row.variant}`] }));
    const html = renderReportHtml({ ...hostile, rows }, { evidence: hostileEvidence, read: readSlice });
    const table = html.slice(html.indexOf('<table>'), html.indexOf('</table>'));
    const head = html.slice(html.indexOf('<aside'), html.indexOf('</aside>'));
    for (const { mark, text, isCaution } of rowNotes(rows)) {
      expect(table).toContain(`<a href="#note-${mark}"`);
      const place = isCaution ? head : table;
      expect(place).toContain(`<li id="note-${mark}"`);
      expect(place).toContain(markup`: ${text}</li>`.source);
      expect(html.split(`id="note-${mark}"`)).toHaveLength(2);
    }
    expect(rowNotes(rows)).toHaveLength(14);
    expect(html).not.toMatch(/<(script|img src=x|svg onload)/);
  });

  it('shades what a study may miss, and nothing where none could be shown, and says why', () => {
    const forestOf = (networks: number): string => {
      const few = makeStudy({ networks });
      const html = renderReportHtml(buildReport(few), { evidence: few, read: readSlice });
      return html.slice(html.indexOf('<section id="differences"'), html.indexOf('<section id="size"'));
    };
    const three = forestOf(4);
    expect(three).toContain('class="undetectable"');
    expect(three).toContain('would miss more than about one time in five');
    const five = forestOf(6);
    expect(five).not.toContain('class="undetectable"');
    expect(five).toContain(
      'Nothing is shaded, because no difference of any size could have been shown with 7 cases and 5 comparisons.',
    );
    expect(five).toContain('>no shading: too few cases</text>');
  });

  it('calls the curves what they are: of validation cases, or of test cases by which nothing is chosen', () => {
    expect(page).toContain('<h3>Validation Dice</h3>');
    const { protocol } = evidence.protocol;
    const last = { ...protocol, select: { kind: 'last' } } as const;
    const watched = { ...evidence, protocol: { ...evidence.protocol, protocol: last } };
    const html = renderReportHtml(buildReport(watched), { evidence: watched, read: readSlice });
    expect(html).toContain('<h3>Dice of the test cases during training</h3>');
    expect(html).toContain('Monitored only; it is not used to select anything.');
    expect(html).not.toContain('Validation Dice');
  });

  it('labels no two ticks of an axis alike, however small the values are', () => {
    const small = (run: RunEvidence): RunEvidence => ({
      ...run,
      curve: run.curve.map(({ validation, ...line }) => ({
        ...line,
        ...(validation && { validation: { ...validation, mean: 0.02 * validation.mean! } }),
      })),
      scores: run.scores.map((row) => ({ ...row, dice: row.dice && 0.01 * row.dice })),
    });
    const scaled = { ...evidence, runs: evidence.runs.map(small) };
    const html = renderReportHtml(buildReport(scaled), { evidence: scaled, read: readSlice });
    const charts = html.match(/<svg class="chart[^]*?<\/svg>/g)!;
    expect(charts).toHaveLength(2 * (3 + 2 * 7));
    for (const chart of charts)
      for (const anchor of ['end', 'middle']) {
        const labels = [...chart.matchAll(/<text class="tick"[^>]*anchor="(\w+)">([^<]*)</g)]
          .filter(([, side]) => side === anchor)
          .map(([, , label]) => label);
        expect(new Set(labels).size, labels.join()).toBe(labels.length);
      }
  });

  it('leads from every row to its runs and their scores', () => {
    report.rows.forEach(({ runs }, index) => {
      expect(page).toContain(`href="#runs-${index}"`);
      expect(page).toContain(`id="runs-${index}"`);
      for (const { run, scores } of runs) {
        expect(page).toContain(`href="./${run}/"`);
        if (scores !== null)
          expect(page).toContain(
            `href="./${run}/scores.json">scores.json</a> <code title="SHA-256 ${scores}">${scores.slice(0, 12)}`,
          );
      }
    });
    expect(page.match(/not finished<\/span>/g)).toHaveLength(1);
  });

  it('shows the chosen cases by every network, and says where a picture is missing', () => {
    const pictures = [...page.matchAll(/<img [^>]*alt="case-\d+ \((best|median|worst) case\): the ([a-z ]+)/g)];
    const count = (part: string): number => pictures.filter(([, , what]) => what!.startsWith(part)).length;
    expect([count('image'), count('ground truth'), count('prediction of')]).toEqual([3, 3, 3 * 7]);
    expect(page.match(/<img /g)).toHaveLength(pictures.length + 6);
    expect(page).toContain('<h4>ground truth</h4>');
    expect(page).toContain('axial slice 75 (of 0 to 154), channel FLAIR; left R, right L, top A, bottom P');
    expect(page).toMatch(/href="\.\/runs\/NoCSA\/seed-1-fold-0\/overlays\/case-\d+\.png">3 planes/);
    const without = renderReportHtml(report, {
      evidence: evidence,
      read: (path) => (path.includes('NoCSA') ? undefined : readSlice(path)),
    });
    expect(without.match(/no picture/g)).toHaveLength(3);
  });

  it('draws every network, lists what a variant changes, and says why a drawing is missing', () => {
    const section = page.slice(page.indexOf('<section id="architectures"'), page.indexOf('<section id="pictures"'));
    expect(section.match(/alt="The architecture of /g)).toHaveLength(6);
    expect(section).toContain('alt="The architecture of NoCSA, with its differences from DALight3D marked."');
    expect(section).toContain('alt="The architecture of ResidualUNet3D."');
    expect(section.match(/− removed/g)).toHaveLength(3);
    expect(section).toContain('⚠ The spec of NoSSFB does not match.');
    expect(section.match(/<a download="architecture-\d\.svg" href="data:image\/svg\+xml;base64,/g)).toHaveLength(6);
  });

  it('says when, where and with what the jobs ran', () => {
    expect(page).toContain('<p class="kind">Study report, 30 November 2026, unet-lang 0.1.0</p>');
    expect(page).toContain('jobs finished from 2026-11-30 20:11 UTC to 2026-11-30 20:12 UTC');
    expect(page).toContain('node 20.20.2, unet-lang 0.1.0, onnxruntime 1.30.0');
    expect(page).toContain('Test CPU, 2 cores, 8.0 GiB of memory, linux x64 (41 jobs)');
  });

  it('saves every chart as an SVG of its own, which needs no variables of the page', async () => {
    const files = [...page.matchAll(/<a download="([a-z-]+)\.svg" href="data:image\/svg\+xml;base64,([^"]*)"/g)].map(
      ([, name, data]) => [name!, Buffer.from(data!, 'base64').toString()] as const,
    );
    expect(files.map(([name]) => name).sort()).toEqual(
      ['cases', 'differences', 'dice-during-training', 'pictures', 'size', 'training-loss'].sort(),
    );
    for (const [name, svg] of files) {
      expect(svg, name).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="[\d.]+"/);
      expect(svg).not.toMatch(/var\(|undefined|NaN/);
      await expect(renderPng(svg, 0.1), name).resolves.toBeDefined();
      expect(svg).toContain('NoCSA');
    }
  });

  it('has the whole protocol and its digest', () => {
    expect(page).toContain(report.protocol.digest);
    expect(page).toContain('adamw: lr 5e-5, beta1 0.9, beta2 0.999, epsilon 1e-8, weight decay 1e-5, clip norm 1');
    expect(page).toContain('imagesTr/case-03.nii.gz');
  });

  it('shows names that would act, and lets none', async () => {
    const hostileEvidence = makeStudy({ hostile: true });
    const shown = { evidence: hostileEvidence, architectures: makeArchitectures(hostileEvidence), read: readHostile };
    const hostile = renderReportHtml(buildReport(hostileEvidence), shown);
    for (const [, data] of hostile.matchAll(/href="data:image\/svg\+xml;base64,([^"]*)"/g)) {
      const svg = Buffer.from(data!, 'base64').toString();
      await expect(renderPng(svg, 0.1)).resolves.toBeDefined();
      expect(svg).not.toMatch(/<(script|img|svg onload)|[\u001b\u202e]/);
    }
    expect(hostile).not.toMatch(/<(script|img src=x|svg onload)/);
    expect(hostile.match(/<\/title>/g)!.length).toBe(hostile.match(/<title>/g)!.length);
    expect(hostile).toContain('&lt;/script&gt;&lt;img src=x onerror=&quot;');
    expect(hostile).not.toMatch(/[\u001b\u202e]/);
  });

  it('is whole before any job has finished, and with the base alone', () => {
    for (const options of [{ finished: 0 }, { finished: 1 }, { networks: 1 }]) {
      const some = makeStudy(options);
      const html = renderReportHtml(buildReport(some), { evidence: some, read: () => undefined });
      expect(html).not.toMatch(/NaN|undefined|Infinity|\[object/);
      expect(html).toContain('<h2 id="results-title">');
    }
  });

  it('is the same page for the same evidence', () => {
    expect(renderReportHtml(report, { evidence: makeStudy(), architectures, read: readSlice })).toBe(page);
  });
});

describe('chosen cases', () => {
  it('are the best, the median and the worst of the base in the first seed', () => {
    const first = evidence.runs.filter(({ variant, seed }) => variant === 'DALight3D' && seed === 1);
    const sorted = [...caseDice(first)].sort(([, a], [, b]) => b - a).map(([id]) => id);
    expect(sorted).toHaveLength(7);
    expect(chosenCases(evidence).map(({ id }) => id)).toEqual([sorted[0], sorted[3], sorted[6]]);
  });

  it('are means over the classes that have a value', () => {
    const run = evidence.runs[2]!;
    const values = run.scores.filter((row) => row.case === 'case-03').map(({ dice }) => dice);
    expect(values[2]).toBeNull();
    expect(caseDice([run]).get('case-03')).toBeCloseTo((values[0]! + values[1]!) / 2, 12);
  });

  it('are as many as there are', () => {
    const rules = (finished: number): string[] => chosenCases(makeStudy({ finished })).map(({ rule }) => rule);
    expect(rules(0)).toEqual([]);
    expect(rules(1)).toEqual(['best', 'median', 'worst']);
    const two = makeStudy({ finished: 2 });
    expect(chosenCases({ ...two, runs: two.runs.slice(1) }).map(({ rule }) => rule)).toEqual(['best', 'median']);
  });
});

describe('the mean of curves', () => {
  it('is taken where all runs have a value, by the straight line between their steps', () => {
    const mean = meanCurve([
      [
        [10, 1],
        [20, 3],
      ],
      [
        [12, 4],
        [24, 4],
      ],
    ]);
    expect(mean.map(({ step }) => step)).toEqual([12, 20]);
    expect(mean[0]!.mean).toBeCloseTo((1.4 + 4) / 2, 12);
    expect(mean[1]).toEqual({ step: 20, mean: 3.5, low: 3, high: 4 });
  });

  it('keeps its ends where it is thinned', () => {
    const steps = meanCurve([Array.from({ length: 1000 }, (_, step) => [step, step] as const)]);
    expect(steps).toHaveLength(120);
    expect([steps[0]!.step, steps.at(-1)!.step]).toEqual([0, 999]);
  });
});

describe('labels in a chart', () => {
  it('do not cover each other where there is room', () => {
    const points = Array.from({ length: 6 }, (_, index) => ({ x: 200 + index, y: 150 + 3 * index, width: 90 }));
    const places = placeLabels(points, [], { left: 0, right: 500, top: 0, bottom: 300 });
    places.forEach((a, i) =>
      places
        .slice(i + 1)
        .forEach((b) =>
          expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true),
        ),
    );
  });
});

describe('a value of the protocol', () => {
  it.each([
    [{ kind: 'steps', steps: 400 }, 'steps 400'],
    [{ kind: 'last' }, 'last'],
    [
      { kind: 'random', size: [64, 64], foreground: { draws: 10, above: 100 } },
      'random: size 64, 64, foreground (draws 10, above 100)',
    ],
    [{ kind: 'random', size: [64], foreground: null }, 'random: size 64, foreground none'],
    [
      [{ kind: 'focal', weight: 0.5, gamma: 2, alpha: null, weights: null }],
      'focal: weight 0.5, gamma 2, alpha none, weights none',
    ],
    [
      [
        { kind: 'flip', axes: ['D'] },
        { kind: 'noise', deviation: 0.05 },
      ],
      'flip: axes D; noise: deviation 0.05',
    ],
    [[], 'none'],
    [1e-6, '1e-6'],
  ])('%j reads %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });
});

/** WCAG 2.2: (lighter + 0.05) / (darker + 0.05). */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each(['light', 'dark'] as const)('colours in the %s', (scheme) => {
  const colours: Readonly<Record<string, string>> = { ...pagePalette[scheme], ...chartPalette[scheme] };
  it('leave text readable on every ground', () => {
    for (const ground of ['paper', 'ground', 'warning-ground'])
      for (const text of ['ink', 'muted', 'link', 'warning'])
        expect(contrast(colours[text]!, colours[ground]!)).toBeGreaterThanOrEqual(4.5);
  });
  it('leave marks visible on the paper', () => {
    for (const mark of ['base', 'variant', 'rival', 'best', 'median', 'worst', 'other'])
      expect(contrast(colours[mark]!, colours['paper']!)).toBeGreaterThanOrEqual(3);
  });
});
