import { requireAxis, readAxes } from '../axes.js';
import { errorValue, formatShape, unknownTensor, type Value } from '../values.js';
import { idOf, namedValue, tensorAt, type FunctionCall } from './function-call.js';

/** `permute(x, into: [W, C, H])`: every axis of the tensor once (UNET3008, UNET3010). */
export function permute(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const into = readAxes(evaluation, frame, namedValue(call, 'into'));
  if (tensor === 'error' || into === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  if (into.some((axis) => requireAxis(evaluation, frame, tensor, axis) === undefined)) return errorValue;
  const order = into.map(({ name }) => name);
  if (order.length === tensor.shape.length) {
    return evaluation.emit(frame, 'transpose', idOf(call), { order }, [tensor], node.span);
  }
  const parts = { what: '`permute`', expected: `[${order.join(', ')}]`, found: formatShape(tensor.shape) };
  return evaluation.fail(frame, 'UNET3010', parts, namedValue(call, 'into').span);
}

/** `arange(x, over: D)`: positions along one axis (UNET3001). */
export function arange(call: FunctionCall): Value {
  const { evaluation, frame, node } = call;
  const tensor = tensorAt(call, 0);
  const over = readAxes(evaluation, frame, namedValue(call, 'over'));
  if (tensor === 'error' || over === undefined) return errorValue;
  if (tensor === undefined) return unknownTensor;
  const [axis] = over;
  if (axis === undefined || over.length > 1) {
    const parts = { what: '`over` of `arange`', expected: 'one axis', found: `${over.length} axes` };
    return evaluation.fail(frame, 'UNET3001', parts, namedValue(call, 'over').span);
  }
  if (requireAxis(evaluation, frame, tensor, axis) === undefined) return errorValue;
  return evaluation.emit(frame, 'arange', idOf(call), { axis: axis.name }, [tensor], node.span);
}
