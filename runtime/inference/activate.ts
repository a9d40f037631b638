/** Turns logits [labels, voxels] into probabilities in place: softmax over labels (`classes`) or sigmoid (`regions`). */
export function activate(logits: Float32Array, labels: number, kind: 'classes' | 'regions'): void {
  if (kind === 'classes') softmax(logits, labels);
  else sigmoid(logits);
}

function sigmoid(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = 1 / (1 + Math.exp(-values[i]!));
}

function softmax(values: Float32Array, labels: number): void {
  const voxels = values.length / labels;
  const parts = new Float64Array(labels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    let largest = -Infinity;
    for (let label = 0; label < labels; label++) largest = Math.max(largest, values[label * voxels + voxel]!);
    let sum = 0;
    for (let label = 0; label < labels; label++) {
      const part = Math.exp(values[label * voxels + voxel]! - largest);
      parts[label] = part;
      sum += part;
    }
    for (let label = 0; label < labels; label++) values[label * voxels + voxel] = parts[label]! / sum;
  }
}
