/**
 * A private Slurm of one node for tests: Debian's munged, slurmctld and slurmd as plain processes in a temporary folder,
 * with a key, sockets, ports and state of its own, so that it is in the way of no other Slurm on the machine. Memory limits
 * hold (without cgroups: by watching the processes); there is no accounting, as on many clusters.
 *
 * From a shell, to run one command on it and end it with that command:
 *
 *     npx tsx test/runtime/study/slurm/one-node-cluster.ts npx unet study run FILE --data DIR -o DIR --executor slurm
 *
 * and without a command, an interactive bash. It needs root and Debian's packages `slurm-wlm` and `munge`.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, chmodSync, constants, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { availableParallelism, hostname, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

export interface Cluster {
  /** What a command needs to find this cluster: `process.env` with `SLURM_CONF`, and `PATH` with the folders of its programs. */
  readonly env: NodeJS.ProcessEnv;
  /** Kills its daemons and what still runs on it, and removes its folder; safe to call twice. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Processor cores the node says it has; those of the machine where not given. More are fine for jobs that only sleep. */
  readonly cpus?: number;
}

const programs = ['munged', 'slurmctld', 'slurmd', 'sbatch', 'squeue', 'scancel', 'scontrol', 'sinfo', 'setpriv'];
const searched = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

function isThere(program: string): boolean {
  return searched.split(':').some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Why no cluster can be started here; undefined where one can. */
export function whyNoCluster(): string | undefined {
  if (process.platform !== 'linux') return 'not Linux';
  const missing = programs.filter((program) => !isThere(program));
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  return process.getuid?.() === 0 ? undefined : 'not root';
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

function configuration(directory: string, cpus: number, [controller, daemon]: readonly number[]): string {
  const node = hostname().split('.')[0];
  const memory = Math.floor((totalmem() / 2 ** 20) * 0.9);
  return `ClusterName=unet-test
SlurmctldHost=${node}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${daemon}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=${directory}/munge.socket
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
# Cores and memory are what jobs share, and a job that takes more memory than it asked for is killed.
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
# Jobs start as soon as they can, and have ten seconds between TERM and KILL.
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0
KillWait=10
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=${memory} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

/** Starts a daemon in the foreground, its words in a file; it dies with this process, however that ends. */
function startDaemon(
  directory: string,
  env: NodeJS.ProcessEnv,
  program: string,
  args: readonly string[],
): ChildProcess {
  const log = openSync(path.join(directory, `${program}.log`), 'a');
  return spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { env, stdio: ['ignore', log, log] });
}

/** @returns whether there was anything with this configuration in its environment: daemons, their helpers, or jobs */
function killProcesses(config: string): boolean {
  let found = false;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      if (!variables.includes(`SLURM_CONF=${config}`)) continue;
      process.kill(Number(pid), 'SIGKILL');
      found = true;
    } catch {
      // It has ended by itself.
    }
  }
  return found;
}

/** @returns what the command said; undefined where it failed */
function ask(env: NodeJS.ProcessEnv, program: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(program, args, { env, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  } catch {
    return undefined;
  }
}

async function until(seconds: number, holds: () => boolean): Promise<boolean> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await setTimeout(100)) if (holds()) return true;
  return holds();
}

async function logs(directory: string): Promise<string> {
  const texts = ['munged', 'slurmctld', 'slurmd'].map(async (program) => {
    const text = await readFile(path.join(directory, `${program}.log`), 'utf8').catch(() => '');
    return `${program}: ${text.split('\n').slice(-8).join('\n')}`;
  });
  return (await Promise.all(texts)).join('\n');
}

/**
 * Starts the daemons and waits until the node takes jobs.
 * @throws an Error with the ends of the daemons' logs where it does not within twenty seconds
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const directory = mkdtempSync(path.join(tmpdir(), 'unet-slurm-'));
  // munge wants every user to be able to reach its socket.
  chmodSync(directory, 0o755);
  const config = path.join(directory, 'slurm.conf');
  const env = { ...process.env, PATH: searched, SLURM_CONF: config };
  const cpus = options.cpus ?? availableParallelism();
  await writeFile(config, configuration(directory, cpus, await freePorts(2)));
  await writeFile(path.join(directory, 'munge.key'), randomBytes(128), { mode: 0o400 });
  for (const folder of ['state', 'spool']) await mkdir(path.join(directory, folder));

  const inside = (name: string): string => path.join(directory, name);
  const munge = ['socket', 'key', 'pid', 'seed'].map(
    (name) => `--${name}${name === 'socket' ? '' : '-file'}=${inside(`munge.${name}`)}`,
  );
  const daemons = [startDaemon(directory, env, 'munged', ['--foreground', '--force', ...munge])];
  // Nothing of its state is worth a farewell. A process may have started another one in the meantime: until none is left.
  const remove = (): void => {
    while (killProcesses(config));
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', remove);
    const running = daemons.splice(0).filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const exits = running.map((daemon) => once(daemon, 'exit'));
    remove();
    await Promise.all(exits);
  };

  await until(5, () => ask(env, 'munge', ['--no-input', `--socket=${inside('munge.socket')}`]) !== undefined);
  daemons.push(startDaemon(directory, env, 'slurmctld', ['-D']), startDaemon(directory, env, 'slurmd', ['-D']));
  if (await until(20, () => ask(env, 'sinfo', ['--noheader', '--format=%T'])?.trim() === 'idle')) return { env, stop };
  const said = await logs(directory);
  await stop();
  throw new Error(`the one-node Slurm does not take jobs\n${said}`);
}

async function main(command: readonly string[]): Promise<void> {
  const why = whyNoCluster();
  if (why !== undefined) throw new Error(`no one-node Slurm here: ${why}`);
  const cluster = await startCluster();
  try {
    const child = spawn(command[0] ?? 'bash', command.slice(1), { env: cluster.env, stdio: 'inherit' });
    // Ctrl-C reaches the command by itself; the cluster ends when the command has.
    process.on('SIGINT', () => undefined).on('SIGTERM', () => child.kill('SIGTERM'));
    const [code] = (await once(child, 'exit')) as [number | null];
    process.exitCode = code ?? 1;
  } finally {
    await cluster.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
