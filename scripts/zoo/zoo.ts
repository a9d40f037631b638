/** The index of the zoo: its configurations, their papers and the networks of its specs. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../compiler/ir/ir.js';
import { bindModel, lower, openProgram, ownModels, type Program } from '../../compiler/program/program.js';

/** A published configuration of a network. */
export interface Configuration {
  /** The file that declares the model, relative to the index. */
  readonly spec: string;
  readonly model: string;
  /** What the repository calls these settings, if several that it distinguishes are one network here. */
  readonly preset?: string;
  /** The paper's key in `papers.json`. */
  readonly paper: string;
  /** The GitHub repository whose code builds the network, or the place in the paper. */
  readonly source: string;
  /** How the repository builds this configuration. */
  readonly constructor: string;
  /** Parameters that the network uses. */
  readonly parameters: number;
  /** Parameters that the repository registers but never uses, if `counted` does not state them. */
  readonly unused?: number;
  /** Counted by running the repository's code, counted in its released weights, printed in the paper, or ours alone. */
  readonly known: 'PyTorch' | 'weights' | 'paper' | 'unverified';
  /** The configuration's name in `../shared/zoo/counts.json`. */
  readonly counted?: string;
  /** The size for which costs are stated. */
  readonly patch: readonly number[];
}

export interface Paper {
  readonly title: string;
  readonly authors: string;
  readonly year: number;
  /** `doi:...` or `arXiv:...`. */
  readonly at: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
export const zooFolder = path.join(root, 'specs/zoo');
/** The small networks of the tests, in an index of the same form. */
export const testFolder = path.join(root, 'test/zoo');

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function readConfigurations(folder = zooFolder): readonly Configuration[] {
  return readJson(path.join(folder, 'zoo.json')) as Configuration[];
}

export function readPapers(): ReadonlyMap<string, Paper> {
  return new Map(Object.entries(readJson(path.join(zooFolder, 'papers.json')) as Record<string, Paper>));
}

const host = {
  readFile: (file: string) => (existsSync(file) ? readFileSync(file) : undefined),
  resolve: (from: string, to: string) =>
    to.startsWith('unet:') ? path.join(root, 'specs', to.slice('unet:'.length)) : path.resolve(path.dirname(from), to),
};

const programs = new Map<string, Program>();

/** A spec of the zoo; opened once. */
export function openSpec(file: string): Program {
  const program = programs.get(file) ?? openProgram(host, file);
  if (program === undefined) throw new Error(`${file} cannot be read.`);
  programs.set(file, program);
  return program;
}

/** The network of a configuration. */
export function networkOf({ spec, model }: Pick<Configuration, 'spec' | 'model'>, folder = zooFolder): Network {
  const program = openSpec(path.join(folder, spec));
  const declaration = ownModels(program).find(({ name }) => name.name === model);
  const bound = declaration && bindModel(program, declaration);
  const network = bound && lower(program, bound).network;
  if (network === undefined) throw new Error(`${spec} does not declare ${model}, or has errors.`);
  return network;
}
