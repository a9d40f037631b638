import { UserError } from '../../errors/user-error.js';
import { currentOperation } from '../../ops/current-operation.js';

/**
 * Wraps an error of onnxruntime in one that names the operation and its shapes.
 * @param work what was being computed, for people
 */
export function engineError(error: unknown, work: string): UserError {
  const { message = String(error) } = error as { message?: string };
  const [line = ''] = message.split('\n');
  const operation = currentOperation();
  const place = operation === undefined ? '' : ` in \`${operation}\``;
  if (/bad_alloc|alloc.*fail|fail.*alloc|out of memory|not enough memory/i.test(message)) {
    return new UserError(
      'UNET5020',
      `The engine \`onnx\` ran out of memory${place}: ${work}.`,
      'Use a smaller patch or batch, or a narrower network; `unet report` estimates the memory that training needs.',
    );
  }
  return new UserError(
    'UNET5021',
    `The engine \`onnx\` failed${place}: ${work}: ${line.trim()}`,
    'Run `unet engines --verify`, or use `--engine wasm`, which does not need onnxruntime.',
  );
}
