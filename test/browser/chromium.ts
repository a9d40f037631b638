/** A headless Chromium, driven through the pipe of its DevTools protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** Debian's; undefined where it is not installed. */
export const chromiumPath: string | undefined = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((file) =>
  existsSync(file),
);

type Parameters = Readonly<Record<string, unknown>>;

/** A message of the protocol: the answer to a call, or an event. */
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Parameters;
  readonly result?: Parameters;
  readonly error?: { readonly message: string };
}

export interface View {
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
}

export class Chromium {
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly events: Message[] = [];
  private session: string | undefined;
  private calls = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    let text = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop()!;
      for (const message of messages) this.take(JSON.parse(message) as Message);
    });
  }

  /** Starts it with one empty page. */
  static async start(): Promise<Chromium> {
    const profile = mkdtempSync(path.join(tmpdir(), 'unet-chromium-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'];
    const child = spawn(chromiumPath!, [...flags, `--user-data-dir=${profile}`, '--remote-debugging-pipe'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const chromium = new Chromium(child, profile);
    const { targetId } = await chromium.call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await chromium.call('Target.attachToTarget', { targetId, flatten: true });
    chromium.session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await chromium.call(`${domain}.enable`);
    return chromium;
  }

  private take(message: Message): void {
    if (message.id === undefined) this.events.push(message);
    else this.waiting.get(message.id)?.(message);
  }

  /** Calls a method of the protocol. @throws Error with the browser's message */
  async call(method: string, params: Parameters = {}): Promise<Parameters> {
    const id = ++this.calls;
    const answer = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    const session = this.session === undefined ? {} : { sessionId: this.session };
    (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    const { result, error } = await answer;
    this.waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** Shows a file as a window of that size would; back when it is loaded. */
  async show(url: string, { width, height, scheme }: View): Promise<void> {
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.call('Emulation.setDeviceMetricsOverride', metrics);
    await this.call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    this.events.length = 0;
    await this.call('Page.navigate', { url });
    while (!this.events.some(({ method }) => method === 'Page.loadEventFired'))
      await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
    return (answer['result'] as { value: T }).value;
  }

  /** What the console and the browser complained of since the page was shown. */
  complaints(): string[] {
    const kinds = ['Runtime.consoleAPICalled', 'Runtime.exceptionThrown', 'Log.entryAdded'];
    return this.events.filter(({ method }) => kinds.includes(method ?? '')).map(({ params }) => JSON.stringify(params));
  }

  /** Addresses that the page asked for since it was shown, pictures within it left out. */
  requests(): string[] {
    return this.events
      .filter(({ method }) => method === 'Network.requestWillBeSent')
      .map(({ params }) => (params!['request'] as { url: string }).url)
      .filter((url) => !url.startsWith('data:'));
  }

  /** PNG of the whole page. */
  async picture(): Promise<Buffer> {
    const { data } = await this.call('Page.captureScreenshot', { captureBeyondViewport: true });
    return Buffer.from(data as string, 'base64');
  }

  /** PDF of the page as printed. */
  async print(): Promise<Buffer> {
    const { data } = await this.call('Page.printToPDF', { preferCSSPageSize: true, printBackground: false });
    return Buffer.from(data as string, 'base64');
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    // Closed by itself, it waits for its helper processes, which would write to the profile while it is removed.
    this.call('Browser.close').catch(() => this.child.kill());
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
