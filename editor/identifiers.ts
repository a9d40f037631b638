import type { ElementNode, InputNode, ModelNode, ProtocolNode } from '../grammar/ast.js';
import type { Program } from '../compiler/program/program.js';
import type { Place } from './place.js';
import type { Workspace } from './workspace.js';

/**
 * The identifier inputs, optionally with a given name, of the models in all programs that contain the file of a place.
 */
export function identifierInputs(workspace: Workspace, place: Place, name?: string): readonly InputNode[] {
  const programs = [place.analysis, ...workspace.dependents(place.path)].map(({ program }) => program);
  const inputs = new Set(programs.flatMap(modelsOf).flatMap(identifiersOf));
  return [...inputs].filter((input) => name === undefined || input.name.name === name);
}

export function identifiersOf({ members }: ModelNode): readonly InputNode[] {
  return members.filter((member) => member.kind === 'Input').filter(isIdentifier);
}

/** The models of all files of a program. */
export function modelsOf({ files }: Program): readonly ModelNode[] {
  return [...files.values()].flatMap(({ node }) => node.statements.filter((each) => each.kind === 'Model'));
}

/** The items of a protocol's `identify`. */
export function identifyItems({ entries }: ProtocolNode): readonly ElementNode[] {
  return entries.flatMap(({ name, value }) => (name.name === 'identify' && value.kind === 'List' ? value.items : []));
}

/** `input site: identifier(8)` */
export function isIdentifier({ type }: InputNode): boolean {
  return type.kind === 'Call' && type.callee.kind === 'Name' && type.callee.name === 'identifier';
}
