import type { Network } from '../compiler/ir/ir.js';
import { weightsOf } from '../compiler/ir/ir.js';
import { bindModel, lower, openProgram, ownModels, type Program } from '../compiler/program/program.js';
import { UserError } from '../runtime/errors.js';
import type { Run } from '../runtime/run/run-folder.js';
import type { HostTensor } from '../runtime/safetensors.js';

/** A resolved spec is one text that uses no other. */
function programOf(spec: string): Program {
  const bytes = Buffer.from(spec);
  const host = {
    readFile: (path: string) => (path === 'spec.unet' ? bytes : undefined),
    resolve: (_: string, to: string) => to,
  };
  const program = openProgram(host, 'spec.unet');
  if (program === undefined) throw new Error('the resolved spec cannot be opened');
  return program;
}

/**
 * Networks of a resolved spec's models that can be lowered, the likeliest first: later models are made of earlier ones.
 * @param name of the model that was trained
 */
export function networksOf(spec: string, name: string): readonly Network[] {
  const program = programOf(spec);
  const models = [...ownModels(program)].reverse();
  const sorted = [...models].sort((a, b) => Number(b.name.name === name) - Number(a.name.name === name));
  return sorted.flatMap((declaration) => {
    const model = bindModel(program, declaration, []);
    const network = model === undefined ? undefined : lower(program, model).network;
    return network === undefined ? [] : [network];
  });
}

function isOf(network: Network, { info }: Run, weights: ReadonlyMap<string, HostTensor>): boolean {
  const knobs = new Map(network.knobs.map(({ name, value }) => [name, value]));
  const own = weightsOf(network);
  return (
    info.knobs.every(({ name, value }) => knobs.get(name) === value) &&
    own.length === weights.size &&
    own.every(({ id, shape }) => String(weights.get(id)?.shape) === String(shape))
  );
}

/**
 * The network of a run as the compiler makes it of the spec in the run folder.
 * @param weights those of its checkpoint, by which it is recognized
 * @throws UserError UNET6071 where the spec gives no network with these knobs and weights
 */
export function networkOfRun(run: Run, weights: ReadonlyMap<string, HostTensor>): Network {
  const { model, versions } = run.info;
  const network = networksOf(run.files['spec.unet'], model).find((each) => isOf(each, run, weights));
  if (network !== undefined) return { ...network, name: model };
  throw new UserError(
    'UNET6071',
    `This version of unet-lang makes of the spec in \`${run.directory}\` another network than the run trained.`,
    `Export with version ${versions['unet-lang']}, which made the run.`,
  );
}
