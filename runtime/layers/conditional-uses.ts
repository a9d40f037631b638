import type * as tf from '@tensorflow/tfjs';
import type { InputDescription, WeightDescription } from '../../contract/model-description.js';
import { Again, type RuntimeLayer } from './base.js';
import type { Named } from './configs.js';
import { graphName } from './graph-name.js';
import { Param, Pick } from './table.js';

type Use = NonNullable<WeightDescription['usedWhen']> | 'always';

/**
 * When the params of a model that only `pick` reads are used: a table if some case has the identifier, the fallback if
 * some case lacks it. By param id; params that are always used are omitted.
 */
export function conditionalUses(
  model: tf.LayersModel,
  inputs: readonly InputDescription[],
): ReadonlyMap<string, NonNullable<WeightDescription['usedWhen']>> {
  const names = new Map(inputs.map(({ name }) => [graphName(name), name]));
  const uses = new Map<string, Use>();
  const seen = new Set<tf.SymbolicTensor>();
  const visit = (tensor: tf.SymbolicTensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    tensor.inputs.forEach(visit);
    const layer = tensor.sourceLayer;
    if (layer instanceof Again || layer instanceof Param) return;
    const sources = tensor.inputs.map(sourceOf);
    const input = layer instanceof Pick ? names.get(sources[1]!.name) : undefined;
    for (const [position, source] of sources.entries()) {
      if (!(source instanceof Param)) continue;
      const use: Use = input === undefined || position === 1 ? 'always' : { input, given: position === 0 };
      const { name } = (source as RuntimeLayer<Named>).config;
      const known = uses.get(name);
      uses.set(name, known === undefined || isSameUse(known, use) ? use : 'always');
    }
  };
  model.outputs.forEach(visit);
  return new Map([...uses].flatMap(([name, use]) => (use === 'always' ? [] : [[name, use] as const])));
}

/** The layer that computes an operand. */
function sourceOf({ sourceLayer, inputs }: tf.SymbolicTensor): tf.layers.Layer {
  return sourceLayer instanceof Again ? inputs[0]!.sourceLayer : sourceLayer;
}

function isSameUse(left: Use, right: Use): boolean {
  if (left === 'always' || right === 'always') return left === right;
  return left.input === right.input && left.given === right.given;
}
