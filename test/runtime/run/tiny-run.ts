/** What a run of a small network is made of: a module as the compiler writes it, with the runtime's own layers. */
import { importedProtocol } from '../../../runtime/run/imported-protocol.js';
import type { RunContents } from '../../../runtime/run/run-folder.js';

const description = {
  name: 'Tiny',
  inputs: [
    { kind: 'image', name: 'scan', channels: ['FLAIR', 'T1w'], axes: [{ name: 'D' }, { name: 'H' }, { name: 'W' }] },
    { kind: 'identifier', name: 'site', count: 4 },
  ],
  outputs: [
    {
      name: 'mask',
      kind: 'classes',
      auxiliary: 0,
      labels: [
        { name: 'background', values: [0] },
        { name: 'edema', values: [1] },
        { name: 'non-enhancing tumor', values: [2] },
        { name: 'enhancing tumour', values: [3] },
      ],
    },
  ],
  legal: [],
};

export function moduleText(): string {
  return `/** Tiny: 360 parameters. */
import * as unet from 'unet-lang/runtime';

export const description = ${JSON.stringify(description)};

export function build(options = {}) {
  const scan = unet.imageInput(description, 'scan');
  const site = unet.identifierInput(description, 'site');
  const normal = { kind: 'normal', deviation: 0.2 };
  const first = unet.conv('first', { out: 6, kernel: 3, pad: 1, bias: true, initial: normal }).on(scan);
  const active = unet.relu('active').on(first);
  const dropped = unet.spatialDropout('dropped', { rate: 0.2 }).on(active);
  const last = unet.conv('last', { out: 4, kernel: 1, initial: { kind: 'uniform', bound: 0.5 } }).on(dropped);
  return unet.finish({ inputs: [scan, site], outputs: [last], description, seed: options.seed });
}
`;
}

export function runContents(changes: Partial<RunContents> = {}): RunContents {
  return {
    info: {
      model: 'Tiny',
      spec: 'tiny.unet',
      knobs: [{ name: 'width', value: '6', changed: true }],
      graph: '0'.repeat(64),
      seed: 3,
      fold: 0,
      patch: [8, 8, 8],
      engine: 'cpu',
      data: null,
      identifiers: {},
      cautions: [],
    },
    spec: 'model Tiny {}\n',
    moduleTs: moduleText(),
    protocol: importedProtocol([8, 8, 8], ['D', 'H', 'W']),
    split: { train: ['a', 'b'], validation: ['c'] },
    ...changes,
  };
}
