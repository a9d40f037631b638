import type { Protocol } from '../contract/protocol.js';
import { lowerProtocol } from '../compiler/protocol/lower-protocol.js';
import { sortDiagnostics } from '../compiler/check/check.js';
import { diagnosticsConcerning } from '../compiler/program/concerning.js';
import { openProgram, visibleProtocols, type Program } from '../compiler/program/program.js';
import { diskHost } from './disk-host.js';
import { UsageError } from './exit.js';
import { faultsOf } from './spec.js';

/** The protocol taken where a spec sees several and none is named. */
export const defaultProtocol = 'Matched50';

/**
 * The protocol a training is to follow: the one named, else the only one the spec sees, else the package's own
 * `Matched50`. Those of the package's library can be named by every spec.
 */
export function selectProtocol(program: Program, name: string | undefined): Protocol {
  const library = openProgram(diskHost, diskHost.resolve('', 'unet:lib/protocols.unet'));
  const seen = visibleProtocols(program);
  const own = program.files.get(program.root)?.node.statements.filter((each) => each.kind === 'Protocol') ?? [];
  const all = [...seen, ...(library === undefined ? [] : visibleProtocols(library))];
  const wanted =
    name ?? (own.length === 1 ? own[0]?.name.name : seen.length === 1 ? seen[0]?.name.name : defaultProtocol);
  const node = all.find((each) => each.name.name === wanted);
  if (node === undefined) {
    const names = [...new Set(all.map((each) => `\`${each.name.name}\``))].join(', ');
    throw new UsageError(`There is no protocol \`${wanted ?? ''}\`.`, `there are ${names}`);
  }
  const { protocol, diagnostics } = lowerProtocol(node);
  const errors = [...diagnosticsConcerning(program, node), ...diagnostics].filter(
    ({ severity }) => severity === 'error',
  );
  if (protocol !== undefined && errors.length === 0) return protocol;
  throw faultsOf(sortDiagnostics(program, errors));
}
