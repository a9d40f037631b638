import path from 'node:path';

/** The paths in a run folder that training writes. */
export function runPaths(directory: string) {
  const checkpoints = path.join(directory, 'checkpoints');
  return {
    metrics: path.join(directory, 'metrics.jsonl'),
    checkpoints,
    last: path.join(checkpoints, 'last.safetensors'),
    best: path.join(checkpoints, 'best.safetensors'),
  };
}
