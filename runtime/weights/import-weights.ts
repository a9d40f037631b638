import { counted, formatCount } from '../../text/count.js';
import { UserError } from '../errors/user-error.js';
import { elementBytes, isElementType, isFloating, type HostTensor } from '../files/tensor-types.js';
import {
  planImport,
  type ImportOptions,
  type ImportPlan,
  type ImportTarget,
  type ImportTensor,
} from './plan-import.js';
import { refuseIncomplete } from './refuse-incomplete.js';
import { readSource, showSource, type WeightSource } from './weight-source.js';

/** The result of `importWeights`. */
export interface ImportedWeights {
  /** float32 values by our ids, in the network's shapes and order. */
  readonly weights: Map<string, HostTensor>;
  /** Where each weight came from, by our id. */
  readonly sources: ReadonlyMap<string, WeightSource>;
}

function typeOf(tensor: ImportTensor): string {
  if ('type' in tensor) return tensor.type;
  if (tensor.data instanceof Float32Array) return 'F32';
  if (tensor.data instanceof Float64Array) return 'F64';
  return tensor.data instanceof Uint8Array ? 'U8' : 'I64';
}

/**
 * The weights of a network out of a file's tensors, both in PyTorch's axis order: conv `[out, in / groups, ...kernel]`,
 * transposed conv `[in, out / groups, ...kernel]`, linear `[out, in]`. Leading and trailing axes of size 1 may be there
 * or not. Every weight must have a tensor, and every tensor must be used, but for those that are ignored and
 * `num_batches_tracked`.
 * @throws UserError UNET6052 and UNET6053, which list both sides, if the import is not complete; UNET6068 for values that
 * are not finite floating-point numbers of float32; UNET6065 for an invalid map
 */
export async function importWeights(
  network: ImportTarget,
  all: ReadonlyMap<string, ImportTensor>,
  options: ImportOptions,
): Promise<ImportedWeights> {
  return readPlan(network, planImport(network, all, options), options.source);
}

/** Reads the weights of a complete plan; throws as `importWeights`. */
export async function readPlan(network: ImportTarget, plan: ImportPlan, source: string): Promise<ImportedWeights> {
  refuseIncomplete(network, plan, source);
  refuseTypes(plan, source);
  const readers = new Map([...plan.tensors].map(([name, tensor]) => [name, { read: () => readTensor(tensor) }]));
  const weights = new Map<string, HostTensor>();
  const faults: string[] = [];
  for (const { id, shape } of network.weights) {
    const from = plan.sources.get(id)!;
    const data = await readSource(from, readers);
    const fault = unusable(data) ?? (id.endsWith('.running_var') ? negative(data) : undefined);
    if (fault !== undefined) faults.push(`${showSource(from)} has ${fault}`);
    weights.set(id, { shape, data });
  }
  if (faults.length > 0) throw unusableError(faults, source);
  return { weights, sources: plan.sources };
}

function readTensor(tensor: ImportTensor): Promise<HostTensor> {
  return 'read' in tensor ? tensor.read() : Promise.resolve(tensor);
}

function refuseTypes({ sources, tensors }: ImportPlan, source: string): void {
  const faults = [...sources.values()].flatMap(({ names }) =>
    names.flatMap((name) => {
      const type = typeOf(tensors.get(name)!);
      return isFloating(type)
        ? []
        : [`\`${name}\` has values of ${isElementType(type) ? 'a whole-number type' : 'the type'} ${type}`];
    }),
  );
  if (faults.length === 0) return;
  const supported = Object.keys(elementBytes).filter(isFloating);
  throw unusableError(
    [...new Set(faults)],
    source,
    `Convert them to ${supported.join(', ')} in Python, for example with \`tensor.float()\`; quantised weights cannot be imported.`,
  );
}

/** The reason why values cannot be used as weights; undefined if they can. */
function unusable(values: Float32Array): string | undefined {
  for (const value of values) {
    if (Number.isNaN(value)) return 'NaN';
    if (!Number.isFinite(value)) return 'an infinite value, or one beyond the range of float32';
  }
  return undefined;
}

function negative(values: Float32Array): string | undefined {
  const value = values.find((each) => each < 0);
  return value === undefined ? undefined : `${value}, and a variance cannot be negative`;
}

function unusableError(
  faults: readonly string[],
  source: string,
  help = 'Export the weights again from a training run that did not diverge.',
): UserError {
  const shown = faults.slice(0, 5).join(', ');
  const rest = faults.length > 5 ? ` and ${formatCount(faults.length - 5)} more` : '';
  return new UserError(
    'UNET6068',
    `${counted(faults.length, 'tensor')} in \`${source}\` cannot be used as weights: ${shown}${rest}.`,
    help,
  );
}
