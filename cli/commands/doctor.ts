import { availableParallelism, arch, freemem, platform, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { checkDataset } from '../../runtime/data/check.js';
import { formatCheckReport } from '../../runtime/data/check-text.js';
import { defaultCacheDirectory } from '../../runtime/data/cache.js';
import { cacheContent, type CacheContent } from '../../runtime/data/cache-room.js';
import { engineFacts, type EngineName } from '../../contract/engines.js';
import { ENGINES } from '../../runtime/engine/catalogue.js';
import { engineStatus, selectEngine, type EngineStatus } from '../../runtime/engine/engines.js';
import { probeInChild } from '../../runtime/engine-checks/probe-in-child.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { factsText } from '../../text/table.js';
import { memoryUnit } from '../../text/units.js';
import { counted } from '../../text/count.js';
import { exitCodes, Finished } from '../exit.js';
import { packageRoot, packageVersion } from '../package-root.js';
import { progressBar } from '../progress.js';
import { jsonText } from '../../text/json.js';
import { outputColumns, print } from '../terminal.js';

/** Flags of the command. */
export interface DoctorFlags {
  readonly data?: string;
  readonly format: string;
}

type DataReport = Awaited<ReturnType<typeof checkDataset>>;

/** The resources of this machine, and those that training would use. */
interface Findings {
  readonly unet: string;
  readonly node: { readonly version: string; readonly wanted: string; readonly supported: boolean };
  readonly platform: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly engines: readonly EngineStatus[];
  /** The engine that `--engine auto` selects; undefined if none is available. */
  readonly uses: { readonly engine: string; readonly description: string } | undefined;
  /** The location of prepared cases. */
  readonly cache: { readonly directory: string } & CacheContent;
  readonly data: DataReport | undefined;
  /** The error if the given folder is not a data set. */
  readonly dataFault: { readonly code: string; readonly message: string; readonly help: string | null } | undefined;
}

/** `unet doctor`: exits with 1 if training is not possible on this machine or the data set has errors. */
export async function doctor(flags: DoctorFlags): Promise<void> {
  const findings = await examine(flags.data);
  print(flags.format === 'json' ? jsonText(findings) : textOf(findings));
  const faulty = findings.dataFault !== undefined || (findings.data?.summary.errors ?? 0) > 0;
  if (!findings.node.supported || findings.uses === undefined || faulty) throw new Finished(exitCodes.diagnostics);
}

async function examine(data: string | undefined): Promise<Findings> {
  const engines: EngineStatus[] = [];
  for (const { name } of ENGINES) engines.push(await statusOf(name));
  const chosen = await selectEngine('auto').catch(() => undefined);
  return {
    unet: packageVersion(),
    node: nodeVersion(),
    platform: `${platform()} ${arch()}`,
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    engines,
    uses: chosen === undefined ? undefined : { engine: chosen.name, description: chosen.description },
    cache: { directory: defaultCacheDirectory(), ...(await cacheContent(defaultCacheDirectory())) },
    ...(await readData(data)),
  };
}

/** An engine whose library writes to standard error is tried in a process whose output is kept. */
async function statusOf(name: EngineName): Promise<EngineStatus> {
  if (engineFacts(name).isNoisy !== true) return engineStatus(name);
  const { available, detail, failure } = await probeInChild({ name, settings: {}, operations: [] });
  return failure === undefined ? { name, available, detail } : { name, available: false, detail: failure };
}

/** Checks this version of Node.js against the range in package.json, `>=MINIMUM <FIRST UNSUPPORTED`. */
function nodeVersion(): Findings['node'] {
  const text = readFileSync(new URL('package.json', packageRoot), 'utf8');
  const wanted = (JSON.parse(text) as { engines: { node: string } }).engines.node;
  const major = Number.parseInt(process.versions.node);
  const [least = 0, tooNew = Infinity] = [...wanted.matchAll(/\d+/g)].map(Number);
  return { version: process.versions.node, wanted, supported: least <= major && major < tooNew };
}

async function readData(dir: string | undefined): Promise<Pick<Findings, 'data' | 'dataFault'>> {
  if (dir === undefined) return { data: undefined, dataFault: undefined };
  const bar = progressBar('reading');
  try {
    const data = await checkDataset(dir, (done, of, id) => bar.update(done, of, id));
    return { data, dataFault: undefined };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, help = null } = error;
    return { data: undefined, dataFault: { code, message, help } };
  } finally {
    bar.stop();
  }
}

function dataLine({ data, dataFault }: Findings): string {
  if (dataFault !== undefined) {
    const { code, message, help } = dataFault;
    return `${code}: ${message}${help === null ? '' : ` ${help}`}`;
  }
  if (data === undefined) return 'not checked; use --data DIR to check a data set';
  const { cases, errors, warnings } = data.summary;
  return `${data.dir}: ${counted(cases, 'case')}, ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
}

function textOf(findings: Findings): string {
  const { unet, node, platform: system, cores, memory, engines, uses, cache, data } = findings;
  const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const cached = memoryUnit(cache.bytes);
  const rows: [string, string][] = [
    ['unet', unet],
    ['node', `${node.version}${node.supported ? '' : ` (unsupported: ${node.wanted} is required)`}`],
    ['platform', system],
    ['cores', String(cores)],
    ['memory', `${gibibytes(memory.total)}, ${gibibytes(memory.free)} free`],
    ...engines.map(({ name, available, detail }): [string, string] => [
      `engine ${name}`,
      available ? detail : `unavailable: ${detail}`,
    ]),
    ['default engine', uses === undefined ? 'none: no engine is available' : `${uses.engine} (${uses.description})`],
    [
      'prepared cases',
      `${cache.directory}: ${counted(cache.cases, 'case')}, ${cached.format(cache.bytes)} ${cached.name}`,
    ],
    ['data', dataLine(findings)],
  ];
  const lines = `${factsText(rows, outputColumns())}\n`;
  return data === undefined ? lines : `${lines}\n${formatCheckReport(data, outputColumns())}`;
}
