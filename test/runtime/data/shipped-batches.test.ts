/** The protocols that are shipped give the same batches as ever, bit for bit. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lowerProtocol } from '../../../compiler/protocol/lower-protocol.js';
import type { Protocol } from '../../../contract/protocol.js';
import { openDataset } from '../../../runtime/data/dataset.js';
import { createLoader } from '../../../runtime/data/loader.js';
import { matchInputs } from '../../../runtime/data/match.js';
import { preparationOf } from '../../../runtime/data/preparation.js';
import { openText } from '../../compiler/spec-text.js';
import { describeModel, temporaryFolder, tinySet } from './make.js';

const root = temporaryFolder();

function shipped(name: string): Protocol {
  const { files } = openText('use "lib/protocols.unet"');
  const nodes = [...files.values()].flatMap(({ node }) => node.statements);
  const node = nodes.find((each) => each.kind === 'Protocol' && each.name.name === name);
  const { protocol } = node?.kind === 'Protocol' ? lowerProtocol(node) : {};
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  return protocol;
}

/** Of five steps on a tiny set, with small patches. */
async function digestOf(protocol: Protocol, size: readonly number[], batch: number): Promise<string> {
  const dataset = await openDataset(tinySet(join(root, `${protocol.name}${size.length}`), { cases: 4 }));
  const axes = ['D', 'H', 'W'].slice(-size.length).map((name) => ({ name }));
  const description = describeModel({ inputs: [{ kind: 'image', name: 'scan', channels: ['FLAIR', 'T2w'], axes }] });
  const matching = matchInputs(dataset, description);
  const loader = await createLoader({
    dataset,
    description,
    matching,
    protocol: {
      ...protocol,
      ...preparationOf(protocol, description, matching, dataset, undefined),
      patch: { ...protocol.patch, size },
      augment: protocol.augment.map((each) =>
        each.kind === 'flip' ? { ...each, axes: axes.map(({ name }) => name) } : each,
      ),
      batch,
      identify: [],
    },
    seed: 3,
    cases: dataset.cases.map(({ id }) => id),
    cacheDirectory: join(root, 'cache'),
    workers: 0,
  });
  const hash = createHash('sha256');
  for (let step = 0; step < 5; step++) {
    const { inputs, target } = await loader.batch(step);
    hash.update(new Uint8Array(inputs['scan']!.data.buffer)).update(target.data);
  }
  await loader.close();
  return hash.digest('hex').slice(0, 16);
}

describe('the shipped protocols', () => {
  it.each(['Matched50', 'Quick'])('%s gives the same batches as ever', async (name) => {
    const protocol = shipped(name);
    const digests = [await digestOf(protocol, [4, 4, 4], 1), await digestOf(protocol, [8, 4], 2)];
    expect(digests).toEqual(['51f4e3435f434d65', 'b2b988cdee3d5eff']);
  });
});
