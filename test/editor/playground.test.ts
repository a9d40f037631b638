/** The playground as people use it, in Debian's chromium. */
/// <reference lib="dom" />
import { createServer, type Server } from 'node:http';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPlayground } from '../../scripts/build-playground.js';
import { chromiumPath } from '../browser/chromium.js';

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

const mistake = `model Net {
  input scan: image(T1w)[D, H, W]
  output mask: classes(background, lesion)
  let x = scan -> conv(8, 3) -> instance_norm -> rellu
  mask = x -> conv(mask.classes, 1)
}
`;

/** Lines that are not a spec, and that hardly compress. */
function notASpec(length: number): string {
  let [state, text] = [1, ''];
  while (text.length < length) {
    state = (state * 48_271) % 2_147_483_647;
    text += `${state.toString(36)} ] } "${state % 7 === 0 ? '\n' : ''}`;
  }
  return text;
}

describe.skipIf(chromiumPath === undefined)('the playground', () => {
  let directory: string;
  let server: Server;
  let browser: Browser;
  let address: string;
  /** Files that the page has asked for. */
  const asked: string[] = [];

  beforeAll(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'unet-playground-'));
    await buildPlayground(directory);
    server = createServer(({ url = '/' }, response) => {
      const name = url === '/' ? 'index.html' : url.slice(1);
      asked.push(name);
      const file = path.join(directory, name);
      if (!existsSync(file)) return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': types[path.extname(file)] ?? 'text/plain' }).end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    browser = await chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox'] });
  });

  afterAll(async () => {
    await browser.close();
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** Opens the page, uses it, and checks that nothing failed in it and that it asked no other server. */
  async function withPage(use: (page: Page) => Promise<void>, fragment = '', width = 1280): Promise<void> {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => {
      if (!/^(?:blob:|data:)/.test(request.url()) && !request.url().startsWith(address)) faults.push(request.url());
    });
    await page.goto(address + fragment);
    try {
      await use(page);
      expect(faults).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const settled = (page: Page): Promise<unknown> => page.waitForSelector('#panel[aria-busy=false]');
  const write = async (page: Page, text: string): Promise<void> => {
    await page.click('.cm-content');
    await page.keyboard.press('Control+A');
    await page.evaluate((given) => {
      const data = new DataTransfer();
      data.setData('text/plain', given);
      document
        .querySelector('.cm-content')!
        .dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    }, text);
  };

  it('shows DALight-3D with its shapes, report, diagram, code and study', () =>
    withPage(async (page) => {
      await page.waitForSelector('.shape');
      await settled(page);
      expect(await page.textContent('#panel')).toContain('2,219,074');
      expect(await page.textContent('#count')).toBe('No errors');
      await page.click('#tab-diagram');
      await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#panel img')?.naturalWidth ?? 0);
      await page.click('#tab-code');
      await page.waitForSelector('#panel pre');
      expect(await page.textContent('#panel pre')).toContain('export function build(');
      const study = await page.getAttribute('#example optgroup[label=Studies] option', 'value');
      await page.selectOption('#example', study);
      await page.click('#tab-study');
      await page.waitForFunction(() => document.querySelector('#panel')?.textContent?.includes('jobs:'));
    }));

  it('marks a mistake, fixes it by its quick fix, and diffs with the text before', () =>
    withPage(async (page) => {
      await settled(page);
      await write(page, mistake);
      await page.waitForSelector('#problems .fix');
      expect(await page.textContent('#problems')).toMatch(/UNET\d{4}, line 4.*rellu/);
      await page.click('#problems .fix');
      await page.waitForFunction(() => document.querySelector('#count')?.textContent === 'No errors');
      expect(await page.textContent('.cm-content')).toContain('-> relu');
      await page.click('#tab-diff');
      await page.waitForFunction(() => document.querySelector('#panel')?.textContent?.includes('Net'));
      await page.click('#set-before');
      await page.waitForFunction(() => /same/i.test(document.querySelector('#panel')?.textContent ?? ''));
    }));

  it('completes, shows documentation, and formats', () =>
    withPage(async (page) => {
      await settled(page);
      await write(page, mistake.replace('rellu', 'relu').replace('  mask =', '      mask   ='));
      await page.click('#format');
      await page.waitForFunction(() => document.querySelector('.cm-content')?.textContent?.includes('  mask = x'));
      await page.keyboard.press('Control+End');
      await page.keyboard.type('model Other = Ne');
      await page.waitForSelector('.cm-tooltip-autocomplete li');
      expect(await page.textContent('.cm-tooltip-autocomplete')).toContain('Net');
      await page.keyboard.press('Escape');
      await page.hover('.cm-line:has-text("instance_norm") >> text=instance_norm');
      await page.waitForSelector('.cm-lsp-hover-tooltip');
    }));

  it('keeps the text in its link and across a reload, and reports a link that was cut', () =>
    withPage(async (page) => {
      await settled(page);
      const first = await page.evaluate(() => location.hash);
      await write(page, mistake);
      await page.reload();
      await page.waitForSelector('#problems .fix');
      await page.waitForFunction((before) => location.hash.length > 20 && location.hash !== before, first);
      const link = await page.evaluate(() => location.hash);
      await page.reload();
      await page.waitForSelector('#problems .fix');
      expect(await page.textContent('.cm-content')).toContain('rellu');
      await withPage(async (other) => {
        await other.waitForSelector('#problems .fix');
        expect(await other.textContent('.cm-content')).toContain('rellu');
      }, link);
      await withPage(
        async (other) => {
          await other.waitForFunction(() => document.querySelector('#status')?.textContent?.includes('cut'));
        },
        link.slice(0, 60),
      );
    }));

  it('shows names of a spec as text, whatever they contain', () =>
    withPage(async (page) => {
      await settled(page);
      const name = '`<img src=x onerror=alert(1)>`';
      await write(page, mistake.replace('rellu', 'relu').replaceAll('Net', name).replace('T1w', '`<b>|</b>`'));
      for (const tab of ['report', 'diff', 'study', 'code', 'diagram']) {
        await page.click(`#tab-${tab}`);
        await settled(page);
        expect(await page.$$eval('#panel b, #panel script, #panel img[src=x]', (found) => found.length)).toBe(0);
      }
      await page.waitForFunction(() => document.querySelector<HTMLImageElement>('#panel img')?.naturalWidth ?? 0);
    }));

  it(
    'answers to 5 MB that are not a spec, and stays usable',
    () =>
      withPage(async (page) => {
        await settled(page);
        await write(page, notASpec(5_200_000));
        await page.waitForFunction(() => /error/.test(document.querySelector('#count')?.textContent ?? ''), null, {
          timeout: 60_000,
        });
        await page.waitForFunction(() => document.querySelector('#status')?.textContent?.includes('too long'));
        await page.selectOption('#example', 'unet3d.unet');
        await page.waitForFunction(() => document.querySelector('#panel')?.textContent?.includes('UNet3D'));
      }),
    120_000,
  );

  it('works by keyboard, and fits a phone', () =>
    withPage(
      async (page) => {
        await settled(page);
        await page.focus('#tab-report');
        await page.keyboard.press('End');
        expect(await page.getAttribute('#tab-study', 'aria-selected')).toBe('true');
        expect(await page.getAttribute('#panel', 'aria-labelledby')).toBe('tab-study');
        await page.keyboard.press('ArrowRight');
        expect(await page.getAttribute('#tab-report', 'aria-selected')).toBe('true');
        const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
      },
      '',
      390,
    ));

  it('loads at most 400 kB compressed at first, and allows no eval and no other server', async () => {
    asked.length = 0;
    await withPage(async (page) => {
      await page.waitForSelector('.shape');
      await settled(page);
    });
    const first = [...new Set(asked)].filter((name) => existsSync(path.join(directory, name)) && name !== 'zoo.js');
    const bytes = first.map((name) => gzipSync(readFileSync(path.join(directory, name)), { level: 9 }).length);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(400_000);
    expect(readFileSync(path.join(directory, 'index.html'), 'utf8')).toContain("connect-src 'none'");
    expect(readFileSync(path.join(directory, 'index.html'), 'utf8')).not.toContain('unsafe-eval');
    expect(readdirSync(directory)).toContain('zoo.js');
  });
});
