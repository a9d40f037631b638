import { Option } from 'commander';
import type { Protocol } from '../contract/protocol.js';

/** Flags that override how a run's protocol predicts whole cases. */
export interface PredictionFlags {
  /** Names of axes, separated by commas; false for `--no-mirror`. */
  readonly mirror?: readonly string[] | false;
  readonly region?: Protocol['validate']['region'];
  /** Steps as in a protocol, without brackets, or `none`. */
  readonly postprocess?: string;
}

export const mirrorFlag = (): Option =>
  new Option('--mirror <axes>', 'Average over all combinations of mirrored axes, such as D,H,W').argParser((value) =>
    value.split(',').map((name) => name.trim()),
  );

export const noMirrorFlag = (): Option =>
  new Option('--no-mirror', 'Predict each window once, whatever the protocol specifies');

export const regionFlag = (): Option =>
  new Option('--region <region>', 'Predict the whole volume, or only the box of nonzero voxels').choices([
    'all',
    'nonzero',
  ]);

export const postprocessFlag = (): Option =>
  new Option(
    '--postprocess <steps>',
    'Components to remove, as in a protocol, such as "largest(edema)"; none for no step',
  );
