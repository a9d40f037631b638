import type { Network } from '../../ir/ir.js';
import { checkPatch, patchReason } from '../../ir/patch.js';
import type { Protocol } from '../../../contract/protocol.js';
import { settingChanges, type SettingChange } from './setting-changes.js';

/** A network and the protocol for training it. */
interface Trained {
  readonly network: Network;
  readonly protocol: Protocol | undefined;
}

/**
 * Returns where only one of two networks can follow its protocol, even if both have the same one: a patch that is legal for
 * only one of them, and identifiers that only one of them is given. A network without identifiers needs none.
 */
export function fitChanges(before: Trained, after: Trained): readonly SettingChange[] {
  if (before.protocol === undefined || after.protocol === undefined) return [];
  const [left, right] = [fitOf(before.network, before.protocol), fitOf(after.network, after.protocol)];
  const identified = [before, after].every(({ network }) => identifiers(network).length > 0);
  return settingChanges(left, right).filter(({ name }) => name === 'legal patch' || identified);
}

function fitOf(network: Network, protocol: Protocol): ReadonlyMap<string, string> {
  return new Map([
    ['legal patch', patchText(network, protocol)],
    ['identifiers', givenText(network, protocol)],
  ]);
}

function patchText(network: Network, { patch: { size } }: Protocol): string {
  const [fault] = checkPatch(network, size);
  return fault === undefined ? 'yes' : `no: ${patchReason(fault)}`;
}

function identifiers({ inputs }: Network): readonly string[] {
  return inputs.flatMap(({ kind, name }) => (kind === 'identifier' ? [name] : []));
}

/** Whether each identifier, in order, gets its value from the data: names may differ. */
function givenText(network: Network, { identify }: Protocol): string {
  const sources = identifiers(network).map((name) => identify.find(({ input }) => input === name)?.source);
  return sources
    .map((source) => {
      if (source === undefined) return 'none';
      return source.kind === 'column' ? `column "${source.name}"` : 'hash of the case';
    })
    .join(', ');
}
