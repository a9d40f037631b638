import { formatSize, sameSize } from '../shape/size.js';
import { formatShape, type TensorValue } from '../evaluate/values.js';
import { choiceArgument, sizesArgument, spatialOf } from './arguments.js';
import { abandon, optional, required, type Primitive, type PrimitiveCall } from './primitive.js';

const size = { kind: 'size' } as const;

/** The second tensor's spatial axes must be as many as the first's (UNET3010). */
function requireSameRank(call: PrimitiveCall, like: TensorValue): void {
  const [tensor] = call.tensors;
  if (tensor.shape.length === like.shape.length) return;
  const parts = {
    what: `\`${call.name}\``,
    expected: `like ${formatShape(tensor.shape)}`,
    found: formatShape(like.shape),
  };
  call.evaluation.fail(call.frame, 'UNET3010', parts, call.span);
  abandon();
}

/** UNET3006: what is cut is at least as large as what it is cut to, and what is padded at most. */
function requireRoom(call: PrimitiveCall, larger: TensorValue, smaller: TensorValue): void {
  for (const [index, { name, size: outer }] of larger.shape.entries()) {
    const inner = smaller.shape[index]?.size;
    if (index === 0 || inner === undefined) continue;
    const reason = `\`${call.name}\` cannot ${call.name === 'crop' ? 'enlarge' : 'shrink'} its tensor along ${name}`;
    if (call.evaluation.requireAtLeast(outer, inner, call.span, reason)) continue;
    const [tensor, like] = call.name === 'crop' ? [outer, inner] : [inner, outer];
    const parts = {
      what: `The tensors of \`${call.name}\``,
      axis: name,
      left: formatSize(tensor),
      right: formatSize(like),
    };
    const other = call.name === 'crop' ? 'pad' : 'crop';
    call.evaluation.fail(call.frame, 'UNET3006', parts, call.span, {
      help: `Use \`${other}\` for the opposite direction.`,
    });
    abandon();
  }
}

function sameSpatial(left: TensorValue, right: TensorValue): boolean {
  return left.shape.slice(1).every((axis, index) => {
    const other = right.shape[index + 1];
    return other !== undefined && sameSize(axis.size, other.size);
  });
}

export const resize: Primitive = {
  name: 'resize',
  parameters: [required('mode', { kind: 'mode' }), optional('scale', size)],
  tensors: [1, 2],
  apply: (call) => {
    const [tensor, like] = call.tensors;
    const rank = spatialOf(call).length;
    const choice = choiceArgument(call, 'mode');
    if (choice === undefined) return abandon();
    const span = call.bound.get('mode')?.span ?? call.span;
    const needed = choice.name === 'trilinear' ? 3 : choice.name === 'bilinear' ? 2 : rank;
    if (needed !== rank) {
      const parts = { what: `\`${choice.name}\``, range: `applied to ${needed} spatial axes`, found: String(rank) };
      call.evaluation.fail(call.frame, 'UNET3019', parts, span);
      return abandon();
    }
    const mode = choice.name === 'nearest' ? ('nearest' as const) : ('linear' as const);
    if (like === undefined) {
      if (!call.bound.has('scale')) {
        call.evaluation.fail(call.frame, 'UNET2019', { name: 'scale', of: 'resize' }, call.span, {
          help: 'Give `scale:`, or a second tensor with the wanted size: `(x, like) -> resize(...)`.',
        });
        return abandon();
      }
      const scale = sizesArgument(call, 'scale', rank, 1);
      return call.evaluation.emit(call.frame, 'resize', call.id, { mode, scale }, [tensor], call.span);
    }
    requireSameRank(call, like);
    if (sameSpatial(tensor, like)) return tensor;
    return call.evaluation.emit(call.frame, 'resize', call.id, { mode, scale: undefined }, [tensor, like], call.span);
  },
};

function border(name: 'pad' | 'crop'): Primitive {
  return {
    name,
    parameters: [optional('amount', size)],
    tensors: [1, 2],
    apply: (call) => {
      const [tensor, like] = call.tensors;
      const rank = spatialOf(call).length;
      const emit = (amounts: readonly (readonly [number, number])[] | undefined, tensors: readonly TensorValue[]) =>
        name === 'pad'
          ? call.evaluation.emit(call.frame, 'pad', call.id, { amounts, value: 0 }, tensors, call.span)
          : call.evaluation.emit(call.frame, 'crop', call.id, { amounts }, tensors, call.span);
      if (like !== undefined) {
        requireSameRank(call, like);
        if (name === 'crop') requireRoom(call, tensor, like);
        else requireRoom(call, like, tensor);
        return sameSpatial(tensor, like) ? tensor : emit(undefined, [tensor, like]);
      }
      const amounts = sizesArgument(
        call,
        'amount',
        rank,
        0,
        Array.from({ length: rank }, () => 0),
      );
      return emit(
        amounts.map((each) => [each, each] as const),
        [tensor],
      );
    },
  };
}

export const pad = border('pad');
export const crop = border('crop');
