import { formatCount } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { weightsOf } from '../../compiler/ir/ir.js';
import { verifyCase, type OutputPairs, type VerifiedOutput } from '../../runtime/apply/verify.js';
import { readReason } from '../../runtime/files/file-error.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { UserError } from '../../runtime/errors/user-error.js';
import { readTextFile } from '../../runtime/files/read-file.js';
import { prepareOutputs, refuseOwnedFolder } from '../../runtime/files/output.js';
import type { HostTensor } from '../../runtime/files/tensor-types.js';
import { createRun, setStatus } from '../../runtime/run/run-folder.js';
import { runPaths } from '../../runtime/training/run-paths.js';
import { trainableNetwork, type TrainableNetwork } from '../../runtime/network/trainable-network.js';
import { assignWeights, newProgress, saveCheckpoint } from '../../runtime/training/checkpoint.js';
import { selectEngine } from '../../runtime/engine/engines.js';
import { draftMap } from '../../runtime/weights/draft-map.js';
import { readPlan } from '../../runtime/weights/import-weights.js';
import { parseNameMap, type NameMap } from '../../runtime/weights/name-map.js';
import { openWeights, type WeightsFile } from '../../runtime/weights/open-weights.js';
import { planImport, type ImportPlan, type ImportTarget } from '../../runtime/weights/plan-import.js';
import { showSource, type WeightSource } from '../../runtime/weights/weight-source.js';
import { applyCautions } from '../cautions.js';
import { FileError, UsageError } from '../exit.js';
import { importedOrigin, type OriginFlags } from '../imported-origin.js';
import { quoted, tellNext } from '../next-steps.js';
import { printResult, type ResultFlags } from '../result.js';
import { moduleOf } from '../run-network.js';
import { compileSpec, readPlace, type CompiledSpec } from '../spec.js';
import { refuseOtherOrder } from '../weights-origin.js';
import { note } from '../terminal.js';

/** Flags of the command. */
export interface ImportFlags extends OriginFlags, ResultFlags {
  readonly output?: string;
  readonly model?: string;
  readonly set: string[];
  readonly map?: string;
  readonly writeMap?: string;
  readonly ignore: string[];
  readonly verify?: string;
  /** For each output of the case, `output=tensor`. */
  readonly verifyOutput: string[];
  readonly force?: boolean;
}

/** `unet import FILE --weights w.pt -o DIR` */
export async function importRun(file: string, flags: ImportFlags): Promise<void> {
  const { output, writeMap } = flags;
  if ((output === undefined) === (writeMap === undefined)) {
    throw new UsageError('Give either -o DIR, to import the weights, or --write-map FILE, to draft a map of names.');
  }
  const pairs = outputPairs(flags);
  if (output !== undefined) await refuseOwnedFolder(output);
  const compiled = compileSpec(file, flags);
  const weights = await openWeights(flags.weights);
  try {
    refuseOtherOrder(weights.metadata, compiled.network, flags.weights);
    const target = targetOf(compiled);
    const map = await readMap(flags.map);
    const options = {
      map: writeMap !== undefined ? (map ?? 'auto') : map,
      ignore: flags.ignore,
      source: flags.weights,
    };
    const plan = planImport(target, weights.tensors, options);
    tellFound(weights, flags.weights);
    if (writeMap !== undefined) await writeDraft(writeMap, flags, target, plan);
    else await createImportedRun({ file, run: output!, compiled, weights, target, plan, pairs }, flags);
  } finally {
    weights.close();
  }
}

function targetOf({ network }: CompiledSpec): ImportTarget {
  return { name: network.name, weights: weightsOf(network).map(({ id, shape }) => ({ id, shape })) };
}

/** Reports where in a file the weights were found, if they were not simply its content. */
function tellFound({ path, prefix }: WeightsFile, file: string): void {
  const facts = [
    ...(path.length === 0 ? [] : [`weights are under \`${path.map(printable).join('.')}\``]),
    ...(prefix === '' ? [] : [`the prefix \`${printable(prefix)}\` of all names is left out`]),
  ];
  if (facts.length > 0) note(`note: In \`${printable(file)}\`, ${facts.join(', and ')}.\n`);
}

async function writeDraft(path: string, flags: ImportFlags, target: ImportTarget, plan: ImportPlan): Promise<void> {
  const rule = {
    inputs: [flags.weights, ...(flags.map === undefined || flags.map === 'auto' ? [] : [flags.map])],
    force: flags.force,
  };
  const [out = path] = await prepareOutputs([{ path, format: 'unmarked' }], rule);
  await writeFileAtomic(out, Buffer.from(draftMap(target, plan)));
  const matched = [...plan.sources.values()].filter(({ names }) =>
    names.every((name) => plan.tensors.has(name)),
  ).length;
  const all = target.weights.length;
  const rest = all - matched;
  const text = `${path}: ${formatCount(matched)} of ${formatCount(all)} weights matched${rest === 0 ? '' : `; choose a name for the other ${formatCount(rest)}`}\n`;
  printResult(flags, { written: [path], weights: all, matched }, text);
}

/** What a run is created from. */
interface ImportSubject {
  readonly file: string;
  readonly run: string;
  readonly compiled: CompiledSpec;
  readonly weights: WeightsFile;
  readonly target: ImportTarget;
  readonly plan: ImportPlan;
  /** Outputs of the case of `--verify`, if they are given. */
  readonly pairs: OutputPairs;
}

async function createImportedRun(subject: ImportSubject, flags: ImportFlags): Promise<void> {
  const { file, compiled, target, plan } = subject;
  const { metadata } = subject.weights;
  const { weights, sources } = await readPlan(target, plan, flags.weights);
  const module = await moduleOf(compiled.network);
  const engine = await selectEngine(flags.verify === undefined ? 'cpu' : 'auto');
  const network = trainableNetwork(module.build({ seed: 0 }), module.description);
  if (flags.map === 'auto') tellPairs(sources, flags.weights);
  assignWeights(network, weights, flags.weights);
  const verified = flags.verify === undefined ? [] : await verify(network, flags.verify, subject.pairs);
  const described = { compiled, description: module.description, metadata };
  const { protocol, patch, data, identifiers, cautions, assumed } = await importedOrigin(described, flags);
  const { compileRun } = await import('../compile-run.js');
  const { graph, texts } = compileRun(compiled);
  const { run, lock } = await createRun(subject.run, {
    info: {
      model: compiled.network.name,
      spec: readPlace(file).path,
      knobs: compiled.network.knobs.map((knob) => ({ ...knob })),
      graph,
      seed: 0,
      fold: null,
      patch,
      engine: engine.name,
      data,
      identifiers,
      cautions: [...cautions],
    },
    ...texts,
    protocol,
    split: { train: [], validation: [] },
  });
  try {
    await saveCheckpoint(runPaths(run.directory).last, network, undefined, newProgress());
    await setStatus(run, 'imported');
  } finally {
    lock.release();
  }
  applyCautions(cautions, {});
  const model = compiled.network.name;
  const worst = Math.max(...verified.map(({ difference }) => difference));
  const checked =
    verified.length === 0 ? '' : `; outputs differ from \`${flags.verify!}\` by at most ${worst.toPrecision(2)}`;
  const text = `${subject.run}: ${model} with ${formatCount(weights.size)} weights from ${flags.weights}${checked}\n`;
  const pairs = Object.fromEntries([...sources].map(([id, source]) => [id, pairJson(source)]));
  const result = { run: subject.run, model, patch, weights: weights.size, pairs, verified, assumed, cautions };
  printResult(flags, result, text);
  const evaluate = `unet evaluate ${quoted(subject.run)}`;
  if (flags.data === undefined) note(`To score the run, use \`${evaluate} --data\` with a data set folder.\n`);
  else tellNext([`${evaluate} --data ${quoted(flags.data)}`]);
}

/** The source of a weight as in a map: its name, or its names with what is done with them. */
function pairJson({ names, axis, ...steps }: WeightSource): string | object {
  const isPlain = names.length === 1 && Object.keys(steps).length === 0;
  return isPlain ? names[0]! : { from: names, axis, ...steps };
}

/** What `--verify-output` pairs: for each output, the tensor of the case that contains it. */
function outputPairs({ verify, verifyOutput }: ImportFlags): OutputPairs {
  if (verifyOutput.length > 0 && verify === undefined) {
    throw new UsageError('`--verify-output` can be used only with --verify.');
  }
  const pairs = verifyOutput.map((text) => {
    const [, output, tensor] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (output === undefined || tensor === undefined) {
      throw new UsageError(`\`--verify-output ${text}\` must have the form output=tensor, such as logits=output_3.`);
    }
    return [output.trim(), tensor.trim()] as const;
  });
  const given = new Map(pairs);
  if (given.size < pairs.length) throw new UsageError('`--verify-output` pairs an output with two tensors.');
  return given;
}

/** Compares the outputs of the network with those of a case. */
async function verify(network: TrainableNetwork, file: string, pairs: OutputPairs): Promise<readonly VerifiedOutput[]> {
  const recorded = await openWeights(file);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const [name, tensor] of recorded.tensors) tensors.set(name, await tensor.read());
    return await verifyCase(network, tensors, file, pairs);
  } finally {
    recorded.close();
  }
}

/** Prints the pairs that `--map auto` found. */
function tellPairs(sources: ReadonlyMap<string, WeightSource>, file: string): void {
  const rows = [...sources].map(([id, source]) => [showSource(source).replaceAll('`', ''), id] as const);
  const width = Math.max(...rows.map(([name]) => printable(name).length));
  const lines = rows.map(([name, id]) => `  ${printable(name).padEnd(width)} -> ${printable(id)}\n`);
  note(`\`${printable(file)}\` was matched with the network as follows:\n${lines.join('')}`);
}

async function readMap(flag: string | undefined): Promise<NameMap | 'auto' | undefined> {
  if (flag === undefined || flag === 'auto') return flag;
  const text = await readTextFile(flag).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    throw new FileError(`The name map \`${flag}\` cannot be read: ${readReason(error)}.`);
  });
  return parseNameMap(text, flag);
}
