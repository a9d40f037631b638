import { availableParallelism } from 'node:os';

let threads: number | undefined;

/** Threads of the sessions made from now on; undefined: as many as the machine runs at once. */
export function setThreads(count: number | undefined): void {
  threads = count;
}

export function threadCount(): number {
  return threads ?? availableParallelism();
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
