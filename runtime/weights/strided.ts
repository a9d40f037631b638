import { sizeOf, type TensorValues } from '../files/tensor-types.js';

/** Strides of a tensor without gaps, last axis fastest. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Strides of a tensor without gaps, first axis fastest, as Fortran stores it. */
export function columnMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = rowMajorStrides(shape);
  return shape.every((size, axis) => size === 1 || strides[axis] === expected[axis]);
}

/**
 * The values of a view in row-major order.
 * @param values begin with the first value of the view
 * @param strides in values, one for each axis
 */
export function gather(values: TensorValues, shape: readonly number[], strides: readonly number[]): TensorValues {
  const count = sizeOf(shape);
  if (isRowMajor(shape, strides)) return values.length === count ? values : values.slice(0, count);
  const gathered = new (values.constructor as new (length: number) => TensorValues)(count);
  const place = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    gathered[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      place[axis] = 0;
    }
  }
  return gathered;
}
