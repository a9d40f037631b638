import { availableParallelism } from 'node:os';
import { UserError } from '../../errors/user-error.js';

let threads: number | undefined;

/** Threads of sessions created from now on; undefined: as many as the machine can run at once. */
export function setThreads(count: number | undefined): void {
  threads = count;
}

export function threadCount(): number {
  return threads ?? availableParallelism();
}

/** `eager` runs operation by operation; `compiled` records whole steps and replays them. */
export type Mode = 'eager' | 'compiled';

let mode: Mode | undefined;

/** @throws UserError UNET6160 if `UNET_ONNX_MODE` names another mode */
function modeFromEnvironment(): Mode {
  const text = process.env['UNET_ONNX_MODE']?.trim() ?? '';
  if (text === '' || text === 'compiled') return 'compiled';
  if (text === 'eager') return 'eager';
  throw new UserError(
    'UNET6160',
    `The environment variable \`UNET_ONNX_MODE\` is \`${text}\`; expected \`compiled\` or \`eager\`.`,
    'Correct or unset the variable.',
  );
}

export function onnxMode(): Mode {
  return (mode ??= modeFromEnvironment());
}

export function setOnnxMode(next: Mode): void {
  mode = next;
}
