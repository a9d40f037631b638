import type { BlockNode } from '../../grammar/ast.js';
import { introduceAxis } from './axes.js';
import { bindParameters, blockFrame, evaluateBody } from './apply.js';
import { modelUse } from './block-use.js';
import type { Evaluation } from './evaluation.js';
import { unknownTensor } from './values.js';

/**
 * Checks a block alone, independent of its uses: argument names, types, and that it ends with exactly one result
 * (UNET2012, UNET2022, UNET2023, UNET3009). Sizes are checked at each use.
 */
export function checkBlock(evaluation: Evaluation, block: BlockNode): void {
  const place = { id: '', stage: '', module: '', use: modelUse(''), via: [], depth: 0, abstract: true };
  const frame = blockFrame(place);
  const name = block.name.name;
  let tensors = 0;
  for (const member of block.members) {
    if (member.kind !== 'Tensor') continue;
    tensors += 1;
    const symbol = evaluation.declared.get(member);
    if (symbol !== undefined) frame.values.set(symbol, unknownTensor);
    const seen = new Set<string>();
    for (const item of member.axes.items) {
      if (item.value.kind !== 'Name' || item.name !== undefined || !/^[A-Z]/.test(item.value.name)) {
        if (item.value.kind === 'Missing') continue;
        const parts = {
          what: 'An axis',
          expected: 'a name that begins with a capital letter',
          found: 'another expression',
        };
        evaluation.fail(frame, 'UNET3001', parts, item.span);
        continue;
      }
      const axis = item.value.name;
      if (seen.has(axis)) evaluation.fail(frame, 'UNET3009', { axis }, item.span);
      seen.add(axis);
      if (item.spread) frame.groups.set(axis, undefined);
      else introduceAxis(frame, axis, undefined);
    }
  }
  if (tensors === 0)
    evaluation.fail(
      frame,
      'UNET2012',
      { of: `The block \`${name}\``, part: 'tensor, such as `x: [C, ...S]`' },
      block.name.span,
    );
  const results = block.members.filter((member) => member.kind === 'Result');
  if (results.length === 0) evaluation.fail(frame, 'UNET2022', { name }, block.name.span);
  for (const result of results) {
    if (result !== block.members.at(-1)) evaluation.fail(frame, 'UNET2023', { name }, result.span);
  }
  bindParameters(evaluation, frame, block, new Map());
  evaluateBody(evaluation, frame, block);
}
