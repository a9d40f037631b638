import { writtenName } from '../grammar/diagnostics/suggest.js';
import type { Network } from '../compiler/ir/ir.js';
import { findName } from '../runtime/data/names.js';
import { UserError } from '../runtime/errors/user-error.js';
import { networksOf } from './run-network.js';

/** The names along an axis of a network's tensors, whose order only its weights know. */
interface Names {
  readonly what: 'channel' | 'class';
  /** The input or output. */
  readonly of: string;
  readonly names: readonly string[];
}

function namesOf(network: Network): readonly Names[] {
  const images = network.inputs.flatMap((input) =>
    input.kind === 'image' ? [{ what: 'channel', of: input.name, names: input.channels } as const] : [],
  );
  const outputs = network.outputs.map(
    ({ name, labels }) => ({ what: 'class', of: name, names: labels.map((label) => label.name) }) as const,
  );
  return [...images, ...outputs];
}

/**
 * Refuses weights of a file that `unet export` wrote where its spec, which the metadata holds, has a channel or class at
 * another place than `network` has it: every shape would fit, and the weights mean something else. A file that does not
 * tell its spec, or one that this version cannot read, is taken as it is.
 * @throws UserError UNET6052
 */
export function refuseOtherOrder(
  { spec, model = '' }: Readonly<Record<string, string>>,
  network: Network,
  source: string,
): void {
  const [origin] = spec === undefined ? [] : networksOf(spec, model);
  if (origin === undefined) return;
  const theirs = namesOf(origin);
  for (const [index, { what, of, names }] of namesOf(network).entries()) {
    const given = theirs[index];
    if (given?.what !== what) continue;
    const moved = names.find((name, place) => ![-1, place].includes(findName(name, given.names)));
    if (moved === undefined) continue;
    throw new UserError(
      'UNET6052',
      `The weights in \`${source}\` have the ${what} \`${moved}\` at a different position from \`${of}\` of \`${network.name}\`.`,
      `Write the ${what === 'class' ? 'classes' : 'channels'} of \`${of}\` in the order used by the weights: ${given.names.map(writtenName).join(', ')}; data sets are matched by name.`,
    );
  }
}
