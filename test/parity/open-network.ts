import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitJavaScript } from '../../compiler/emit/tfjs/emit-javascript.js';
import type { Network } from '../../compiler/ir/ir.js';
import { applyNameMap, parseNameMap, type NameMap } from '../../runtime/weights/name-map.js';
import { importModule } from '../../runtime/run/load-module.js';
import { trainableNetwork, type TrainableNetwork } from '../../runtime/network/trainable-network.js';
import { lowerSpec } from '../compiler/lowered.js';

/** What `unet import` makes of a spec: its IR and the generated code, built. */
export interface OpenedNetwork {
  readonly ir: Network;
  readonly network: TrainableNetwork;
}

/** Generates a network's code and builds it on the engine that is selected. */
export async function buildNetwork(ir: Network): Promise<OpenedNetwork> {
  const module = await importModule(emitJavaScript(ir));
  return { ir, network: trainableNetwork(module.build({ seed: 1 }), module.description) };
}

/** `buildNetwork` of the one model a file under `specs/` declares. */
export async function openNetwork(file: string, knobs: Readonly<Record<string, string>> = {}): Promise<OpenedNetwork> {
  const [ir] = lowerSpec(file, knobs);
  if (ir === undefined) throw new Error(`${file} declares no model`);
  return buildNetwork(ir);
}

/** The reference's names by our weight ids, as the map that we ship states them: `dalight3d` or `attentionunet3d`. */
export function readNames(reference: string, network: TrainableNetwork): Readonly<Record<string, string>> {
  const ids = network.weights.map(({ id }) => id);
  const { sources } = applyNameMap(readMap(reference), ids);
  return Object.fromEntries([...sources].map(([id, { names }]) => [id, names[0]!]));
}

/** The map of a reference's names that we ship. */
export function readMap(reference: string): NameMap {
  const name = reference === 'attentionunet3d' ? 'attention-unet3d' : reference;
  const file = resolve(import.meta.dirname, `../../specs/maps/${name}.json`);
  return parseNameMap(readFileSync(file, 'utf8'), file);
}
