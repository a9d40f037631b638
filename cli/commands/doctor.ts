import { availableParallelism, arch, freemem, platform, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { checkDataset } from '../../runtime/data/check.js';
import { formatCheckReport } from '../../runtime/data/check-text.js';
import type { EngineStatus } from '../../runtime/engine/engines.js';
import { listEngines, selectEngine } from '../../runtime/engine/engines.js';
import { exitCodes, Finished } from '../exit.js';
import { packageRoot, packageVersion } from '../package-root.js';
import { progressBar } from '../progress.js';
import { jsonText } from '../result.js';

/** Its flags. */
export interface DoctorFlags {
  readonly data?: string;
  readonly format: string;
}

type DataReport = Awaited<ReturnType<typeof checkDataset>>;

/** What this machine offers, and what a training would take of it. */
interface Findings {
  readonly unet: string;
  readonly node: { readonly version: string; readonly wanted: string; readonly supported: boolean };
  readonly platform: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly engines: readonly EngineStatus[];
  /** What `--engine auto` takes; undefined where no engine runs. */
  readonly uses: { readonly engine: string; readonly description: string } | undefined;
  readonly data: DataReport | undefined;
}

/** `unet doctor`: exits 1 where nothing could be trained here, or where the data set has errors. */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const findings = await examine(flags.data);
  process.stdout.write(flags.format === 'json' ? jsonText(findings) : textOf(findings));
  const faulty = findings.data?.problems.some(({ severity }) => severity === 'error') ?? false;
  if (!findings.node.supported || findings.uses === undefined || faulty) throw new Finished(exitCodes.diagnostics);
}

async function examine(data: string | undefined): Promise<Findings> {
  const engines = await listEngines();
  const chosen = await selectEngine('auto').catch(() => undefined);
  return {
    unet: packageVersion(),
    node: nodeVersion(),
    platform: `${platform()} ${arch()}`,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    engines,
    uses: chosen === undefined ? undefined : { engine: chosen.name, description: chosen.description },
    data: data === undefined ? undefined : await readData(data),
  };
}

/** Whether this Node is one of those that package.json asks for, `>=LEAST <FIRST TOO NEW`. */
function nodeVersion(): Findings['node'] {
  const text = readFileSync(new URL('package.json', packageRoot), 'utf8');
  const wanted = (JSON.parse(text) as { engines: { node: string } }).engines.node;
  const major = Number.parseInt(process.versions.node);
  const [least = 0, tooNew = Infinity] = [...wanted.matchAll(/\d+/g)].map(Number);
  return { version: process.versions.node, wanted, supported: least <= major && major < tooNew };
}

function readData(dir: string): Promise<DataReport> {
  const bar = progressBar('reading');
  return checkDataset(dir, (done, of, id) => bar.update(done, of, id)).finally(() => bar.stop());
}

function textOf({ unet, node, platform: system, cores, memory, engines, uses, data }: Findings): string {
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
  const rows: [string, string][] = [
    ['unet', unet],
    ['node', `${node.version}${node.supported ? '' : `, but it has to be ${node.wanted}`}`],
    ['platform', system],
    ['cores', String(cores)],
    ['memory', `${gigabytes(memory.total)}, ${gigabytes(memory.free)} of it free`],
    ...engines.map(({ name, available, detail }): [string, string] => [
      `engine ${name}`,
      available ? detail : `not here: ${detail}`,
    ]),
    ['will be used', uses === undefined ? 'nothing: no engine runs here' : `${uses.engine} (${uses.description})`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
  return data === undefined ? lines : `${lines}\n${formatCheckReport(data)}`;
}
