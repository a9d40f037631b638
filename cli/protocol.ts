import type { Protocol } from '../contract/protocol.js';
import { lowerProtocol } from '../compiler/protocol/lower-protocol.js';
import { sortDiagnostics } from '../compiler/check/check.js';
import { diagnosticsConcerning } from '../compiler/program/concerning.js';
import { openProgram, visibleProtocols, type Program } from '../compiler/program/program.js';
import { diskHost } from './disk-host.js';
import { UsageError } from './exit.js';
import { diagnosticsError } from './spec.js';

/** The default protocol if a spec has several in scope. */
export const defaultProtocol = 'Matched50';

/**
 * Selects the protocol for training: the named one, else the only one in scope, else the library's
 * `Matched50`. Protocols of the library can be selected for every spec.
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
    throw new UsageError(`Unknown protocol \`${wanted ?? ''}\`.`, `The available protocols are ${names}.`);
  }
  const { protocol, diagnostics } = lowerProtocol(node);
  const errors = [...diagnosticsConcerning(program, node), ...diagnostics].filter(
    ({ severity }) => severity === 'error',
  );
  if (protocol !== undefined && errors.length === 0) return protocol;
  throw diagnosticsError(sortDiagnostics(program, errors));
}
