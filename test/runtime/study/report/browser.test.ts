/** The page as a browser lays it out: on a phone and a desktop, in the light and the dark, and in print. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildReport } from '../../../../runtime/study/report/build-report.js';
import { renderReportHtml } from '../../../../runtime/study/report/render-html.js';
import { Chromium, chromiumPath, type View } from '../../../browser/chromium.js';
import { makeArchitectures, makeStudy } from './fixture.js';
import { readSlice } from './fixture-slice.js';

const PHONE = { width: 375, height: 800 };
const DESKTOP = { width: 1280, height: 900 };
const VIEWS: readonly (readonly [string, View])[] = [
  ['a phone in the light', { ...PHONE, scheme: 'light' }],
  ['a phone in the dark', { ...PHONE, scheme: 'dark' }],
  ['a desktop in the light', { ...DESKTOP, scheme: 'light' }],
  ['a desktop in the dark', { ...DESKTOP, scheme: 'dark' }],
];

/** What is measured in the page. */
interface Layout {
  readonly title: string;
  readonly width: number;
  readonly scrollWidth: number;
  readonly background: string;
  /** Of each chart that is shown: its box, and the smallest size of its text in pixels of the screen. */
  readonly charts: readonly {
    readonly width: number;
    readonly height: number;
    readonly text: number;
    readonly outside: string[];
  }[];
  readonly images: readonly { readonly width: number; readonly natural: number }[];
  /** Pairs of labels of a chart that lie over each other. */
  readonly covered: readonly string[];
}

/** Runs in the page. */
function measure(): Layout {
  /* eslint-disable */
  const page = globalThis as any;
  const { document } = page;
  const shown = [...document.querySelectorAll('svg.chart')].filter((svg: any) => svg.getBoundingClientRect().width > 0);
  const covers = (a: any, b: any) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  const charts = shown.map((svg: any) => {
    const box = svg.getBoundingClientRect();
    const scale = box.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll('text')];
    const outside = texts.filter((text: any) => {
      const { left, right } = text.getBoundingClientRect();
      return left < 0 || right > document.documentElement.clientWidth;
    });
    const sizes = texts.map((text: any) => parseFloat(page.getComputedStyle(text).fontSize) * scale);
    return {
      width: box.width,
      height: box.height,
      text: Math.min(...sizes),
      outside: outside.map((text: any) => text.textContent),
    };
  });
  const covered = shown.flatMap((svg: any) => {
    const texts = [...svg.querySelectorAll('text')].map((text: any) => [
      text.textContent,
      text.getBoundingClientRect(),
    ]);
    return texts.flatMap(([name, box]: any, index: number) =>
      texts
        .slice(index + 1)
        .filter(([, other]: any) => covers(box, other))
        .map(([other]: any) => `${name} / ${other}`),
    );
  });
  return {
    title: document.title,
    width: document.documentElement.clientWidth,
    scrollWidth: document.documentElement.scrollWidth,
    background: page.getComputedStyle(document.body).backgroundColor,
    charts,
    images: [...document.images].map((image: any) => ({
      width: image.getBoundingClientRect().width,
      natural: image.complete ? image.naturalWidth : 0,
    })),
    covered,
  };
  /* eslint-enable */
}

/** Runs in the page, on a phone: what of the table is out of view, and which text of the plot of differences is crossed. */
function phoneFaults(): string[] {
  /* eslint-disable */
  const { document } = globalThis as any;
  const box = document.querySelector('#results .scroll').getBoundingClientRect();
  const cells = [...document.querySelectorAll('#results tbody td:nth-of-type(-n+2), #results tfoot li')];
  const hidden = cells.filter((cell: any) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().right > box.right + 0.5;
  });
  const shown = [...document.querySelectorAll('#differences svg')].find(
    (svg: any) => svg.getBoundingClientRect().width > 0,
  );
  const zeros = [...shown.querySelectorAll('.zero')].map((line: any) => line.getBoundingClientRect());
  const crossed = [...shown.querySelectorAll('text')].filter((text: any) => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return zeros.some(
      (zero) => zero.right > left && zero.left < right && zero.bottom > top + 4 && zero.top < bottom - 4,
    );
  });
  return [...hidden, ...crossed].map((each: any) => each.textContent);
  /* eslint-enable */
}

const missing = chromiumPath === undefined;

describe.skipIf(missing)(
  `in Chromium${missing ? ' (skipped: there is no /usr/bin/chromium on this machine)' : ''}`,
  () => {
    let folder: string;
    let chromium: Chromium;
    const address = (name: string): string => pathToFileURL(path.join(folder, name)).href;
    const layout = (): Promise<Layout> => chromium.evaluate<Layout>(`(${measure.toString()})()`);

    beforeAll(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'unet-report-'));
      for (const hostile of [false, true]) {
        const evidence = makeStudy({ hostile });
        const page = renderReportHtml(buildReport(evidence), {
          evidence,
          architectures: makeArchitectures(evidence),
          read: readSlice,
        });
        writeFileSync(path.join(folder, hostile ? 'hostile.html' : 'report.html'), page);
      }
      chromium = await Chromium.start();
    });

    afterAll(async () => {
      await chromium?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(VIEWS)('is laid out for %s', async (_, view) => {
      await chromium.show(address('report.html'), view);
      const { width, scrollWidth, charts, images, background, covered } = await layout();
      expect(scrollWidth).toBe(width);
      expect(charts).toHaveLength(3 + 2 * 7);
      for (const chart of charts) {
        expect(chart.width).toBeGreaterThan(100);
        expect(chart.height).toBeGreaterThan(80);
        expect(chart.text).toBeGreaterThan(10);
        expect(chart.outside).toEqual([]);
      }
      expect(covered).toEqual([]);
      expect(images).toHaveLength(3 * 9 + 6);
      for (const image of images) {
        expect(image.natural).toBeGreaterThan(200);
        expect(image.width).toBeGreaterThan(90);
      }
      expect(background).toBe(view.scheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(255, 255, 255)');
      expect(chromium.complaints()).toEqual([]);
      expect(chromium.requests()).toEqual([address('report.html')]);
    });

    it('shows on a phone what is compared, the cautions whole, and no line through text', async () => {
      await chromium.show(address('report.html'), { ...PHONE, scheme: 'light' });
      const faults = await chromium.evaluate<string[]>(`(${phoneFaults.toString()})()`);
      expect(faults).toEqual([]);
    });

    it.each(VIEWS)('lets no name act, on %s', async (_, view) => {
      await chromium.show(address('hostile.html'), view);
      const { title, width, scrollWidth, charts } = await layout();
      expect(title).toContain('</script><img src=x onerror=');
      expect(scrollWidth).toBe(width);
      expect(charts.flatMap(({ outside }) => outside)).toEqual([]);
      expect(await chromium.evaluate<number>('document.querySelectorAll("script, [onload], [onerror]").length')).toBe(
        0,
      );
      expect(chromium.complaints()).toEqual([]);
      expect(chromium.requests()).toEqual([address('hostile.html')]);
    });

    it('prints: in the light, on A4, with what is folded on the screen', async () => {
      await chromium.show(address('report.html'), { ...DESKTOP, scheme: 'dark' });
      const pdf = await chromium.print();
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      expect(pdf.length).toBeGreaterThan(50_000);
      // A4 less its margins.
      await chromium.call('Emulation.setDeviceMetricsOverride', {
        width: 695,
        height: 1000,
        deviceScaleFactor: 1,
        mobile: false,
      });
      await chromium.call('Emulation.setEmulatedMedia', { media: 'print' });
      const { width, scrollWidth, charts, background } = await layout();
      expect(scrollWidth).toBe(width);
      expect(charts).toHaveLength(3 + 2 * 7);
      for (const chart of charts) expect(chart.outside).toEqual([]);
      expect(background).toBe('rgb(255, 255, 255)');
      const folded = 'document.querySelector("details table").getBoundingClientRect().height';
      expect(await chromium.evaluate<number>(folded)).toBeGreaterThan(50);
    });
  },
);
