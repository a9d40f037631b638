import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelNode, VariantNode } from '../../../grammar/ast.js';
import { checkProgram } from '../../../compiler/check/check.js';
import { Lowering } from '../../../compiler/check/lowering.js';
import type { Lowered } from '../../../compiler/program/program.js';
import { openProgram } from '../../../compiler/program/program.js';
import type { Host } from '../../../compiler/program/host.js';

/** Keeps what was asked for. */
class WatchedLowering extends Lowering {
  readonly asked = new Set<ModelNode | VariantNode>();

  override of(declaration: ModelNode | VariantNode): Lowered | undefined {
    this.asked.add(declaration);
    return super.of(declaration);
  }
}

/** A text beside the repository's specs. */
function besideSpecs(text: string): Host {
  return {
    readFile: (path) => (path === 'specs/twins.unet' ? new TextEncoder().encode(text) : readFileSync(path)),
    resolve: (from, to) => posix.join(posix.dirname(from), to),
  };
}

// Each takes as long as a model does: a text with a hundred lines of one name took seconds.
test('of models with one name, the first is lowered and the others are reported', () => {
  const twins = [8, 16, 32].map((width) => `model Twin = UNet3D { width = ${width} }`);
  const protocol = 'protocol P { patch: random([48, 48, 48]) }';
  const program = openProgram(besideSpecs(['use "unet3d.unet"', ...twins, protocol].join('\n')), 'specs/twins.unet');
  if (program === undefined) throw new Error('the text is not read');
  const lowering = new WatchedLowering(program);
  const codes = checkProgram(program, lowering).map(({ code }) => code);
  expect(codes.filter((code) => code === 'UNET2002')).toHaveLength(2);
  const variants = [...lowering.asked].filter(({ kind }) => kind === 'Variant');
  expect(variants).toEqual(program.files.get('specs/twins.unet')?.node.statements.slice(1, 2));
});
