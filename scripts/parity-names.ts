/**
 * Names of weights in PyTorch, for the parity tests and the benchmarks' peer.
 * Writes `test/parity/*.names.json`: for each weight of a spec the name it has in the recorded reference
 * (`../shared/parity`), as `unet import --map` takes it. With `--check` fails where a file differs.
 *
 * The names follow from the ids by rules, so that a change of the specs' ids is met here and nowhere else.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { weightsOf } from '../compiler/ir/ir.js';
import { bindModel, lower, openProgram, ownModels } from '../compiler/program/program.js';

type Rule = readonly [pattern: RegExp, name: string];

/** Levels of both references; decoder parts are counted from the deepest in one of them. */
const deepest = 2;

/** Parts of DALight-3D's blocks, from our id after the level to the reference's name after the stage. */
const dalightParts: readonly Rule[] = [
  [/^main\.convolution2\./, 'conv2.'],
  [/^main\.convolution\./, 'conv1.'],
  [/^main\.norm2\.(gamma|beta)$/, 'norm2.scanner_$1.weight'],
  [/^main\.norm\.(gamma|beta)$/, 'norm1.scanner_$1.weight'],
  [/^main\.norm2\./, 'norm2.'],
  [/^main\.norm\./, 'norm1.'],
  [/^main\.squeeze_excite\.weight\.squeeze\./, 'se.fc.0.'],
  [/^main\.squeeze_excite\.weight\.excite\./, 'se.fc.2.'],
  [/^main\.cross_slice_attention\.[qkv]\.(query|key|value)\./, 'attention.$1.'],
  [/^side\.conv\./, 'skip.0.'],
  [/^side\.group_norm\./, 'skip.1.'],
];

const ssfbParts: readonly Rule[] = [
  [/^alpha$/, 'alpha'],
  [/^attention\.low_rank_attention\.[qkv]\.(query|key|value)\./, 'low_rank_attn.$1_proj.'],
  [/^attention\.low_rank_attention\.project\./, 'low_rank_attn.out_proj.'],
  [/^gated\.channel_gate\.weight\.squeeze\./, 'channel_gate.fc.0.'],
  [/^gated\.channel_gate\.weight\.excite\./, 'channel_gate.fc.2.'],
  [/^conv\./, 'fusion.0.'],
  [/^group_norm\./, 'fusion.1.'],
];

const fusionParts: readonly Rule[] = [
  [/^conv\./, 'conv.0.'],
  [/^group_norm\./, 'conv.1.'],
];

const dalightEnds: readonly Rule[] = [
  [/^encoder\.stem\.conv\./, 'encoder.init_conv.0.'],
  [/^encoder\.stem\.group_norm\./, 'encoder.init_conv.1.'],
  [/^encoder\.down(\d)\./, 'encoder.downsamples.$1.'],
  [/^head\.mask\.conv\./, 'head.head.0.'],
  [/^head\.mask\.group_norm\./, 'head.head.1.'],
  [/^head\.mask\.conv2\./, 'head.head.3.'],
];

const doubleParts: readonly Rule[] = [
  [/^conv_norm_act\.conv\./, '0.'],
  [/^conv_norm_act\.norm\./, '1.'],
  [/^conv_norm_act2\.conv\./, '3.'],
  [/^conv_norm_act2\.norm\./, '4.'],
];

const gateParts: readonly Rule[] = [
  [/^attention_gate\.g\.gate\./, 'g.'],
  [/^attention_gate\.x\.skip\./, 'x.'],
  [/^attention_gate\.weight\.psi\./, 'psi.0.'],
];

/** The name by the first rule that fits. */
function byRules(rules: readonly Rule[], text: string, id: string): string {
  const rule = rules.find(([pattern]) => pattern.test(text));
  if (rule === undefined) throw new Error(`no rule for the weight ${id}`);
  return text.replace(rule[0], rule[1]);
}

/** DALight-3D's weight as its authors' release calls it. */
export function dalightName(id: string): string {
  const [, half = '', part = '', level = '', rest = ''] =
    /^(encoder|decoder)\.(level|up|fuse)(\d)\.(.*)$/.exec(id) ?? [];
  if (half === '') return byRules(dalightEnds, id, id);
  const index = half === 'encoder' ? Number(level) : deepest - Number(level);
  if (part === 'up') return `decoder.upsamples.${index}.${rest}`;
  if (part === 'level') return `${half}.stages.${index}.${byRules(dalightParts, rest, id)}`;
  return `decoder.skip_fusions.${index}.${byRules(index === 0 ? fusionParts : ssfbParts, rest, id)}`;
}

const residualParts: readonly Rule[] = [
  [/^main\.conv\./, 'conv1.'],
  [/^main\.conv2\./, 'conv2.'],
  [/^main\.norm\./, 'norm1.'],
  [/^main\.norm2\./, 'norm2.'],
  [/^side\.conv\./, 'side.'],
];

const vnetParts: readonly Rule[] = [
  [/^main\.conv_norm_act\./, 'unit1.'],
  [/^main\.repeat\.1\./, 'unit2.'],
  [/^main\.repeat\.2\./, 'unit3.'],
  [/^side\.conv\./, 'side.'],
  [/^prelu\./, 'act.'],
];

/** A baseline's weight as the release calls its Attention U-Net's; `parts` are those of its levels. */
function baselineName(parts: readonly Rule[]) {
  return (id: string): string => {
    if (id.startsWith('head.mask.')) return id.replace('head.mask', 'final');
    const [, half, part, level, rest = ''] = /^(encoder|decoder)\.(level|down|up|fuse)(\d)\.(.*)$/.exec(id) ?? [];
    const number = Number(level) + 1;
    if (part === 'up' || part === 'down') return `${part}${number}.${rest}`;
    if (part === 'fuse') return `att${number}.${byRules(gateParts, rest, id)}`;
    const stage = half === 'decoder' ? `dec${number}` : number > deepest + 1 ? 'bottleneck' : `enc${number}`;
    return `${stage}.${byRules(parts, rest, id)}`;
  };
}

/** The release's name for a weight of the Attention U-Net, or of the Standard U-Net, which has the same levels. */
export const attentionName = baselineName(doubleParts);

/** The weights of the Residual U-Net and of V-Net as `bench/peer/baselines.py` calls them. */
export const residualName = baselineName(residualParts);
export const vnetName = baselineName(vnetParts);

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The maps by the file they are kept in, relative to the project, with the spec each is for. */
export const parityMaps = [
  { file: 'test/parity/dalight3d.names.json', spec: 'specs/dalight3d.unet', name: dalightName },
  { file: 'test/parity/attentionunet3d.names.json', spec: 'specs/attention-unet3d.unet', name: attentionName },
] as const;

/** The map of a spec's one model, as the text of its file. */
export function nameMap(spec: string, name: (id: string) => string): string {
  const host = {
    readFile: (path: string) => (existsSync(path) ? readFileSync(path) : undefined),
    resolve: (from: string, to: string) => resolve(dirname(from), to),
  };
  const program = openProgram(host, resolve(root, spec));
  const [declaration] = program === undefined ? [] : ownModels(program);
  const model = program === undefined || declaration === undefined ? undefined : bindModel(program, declaration);
  const network = program === undefined || model === undefined ? undefined : lower(program, model).network;
  if (network === undefined) throw new Error(`${spec} does not lower`);
  const entries = weightsOf(network).map(({ id }) => [id, name(id)] as const);
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function main(check: boolean): void {
  for (const { file, spec, name } of parityMaps) {
    const path = resolve(root, file);
    const text = nameMap(spec, name);
    if (!check) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`${file} is out of date: run \`npx tsx scripts/parity-names.ts\`.`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.includes('--check'));
}
