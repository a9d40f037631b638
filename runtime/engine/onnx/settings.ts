import { availableParallelism } from 'node:os';

/** Threads of a session: `UNET_THREADS`, else as many as the machine runs at once. */
export function threadCount(): number {
  const given = Number(process.env['UNET_THREADS'] ?? '');
  return Number.isInteger(given) && given > 0 ? given : availableParallelism();
}

/** `eager` runs operation by operation; `compiled` records whole steps and replays them. */
export type Mode = 'eager' | 'compiled';

let mode: Mode = process.env['UNET_ONNX_MODE'] === 'eager' ? 'eager' : 'compiled';

export function onnxMode(): Mode {
  return mode;
}

export function setOnnxMode(next: Mode): void {
  mode = next;
}
