import type { Network } from '../../ir/ir.js';
import { settingChanges, type SettingChange } from './setting-changes.js';

/**
 * Where two networks take other images or predict other labels: they do different tasks, whatever their protocols say.
 * Names are compared as a data set's are: case, spaces, hyphens and underscores do not matter, nor does the order of
 * channels, which is a part of the architecture, as an identifier is.
 */
export function taskChanges(before: Network, after: Network): readonly SettingChange[] {
  return settingChanges(taskOf(before), taskOf(after));
}

function taskOf(network: Network): ReadonlyMap<string, string> {
  return new Map([
    ...imagesOf(network).map(({ channels, axes }, index) => {
      const rank = axes.length;
      const names = channels.map(plainName).sort().join(', ');
      return [`${nth('image', index)}`, `${rank}-D of ${names}`] as const;
    }),
    ...network.outputs.map(({ kind, labels }, index) => {
      const names = labels.map(({ name, values }) => `${plainName(name)} = ${values.join(' + ')}`).join(', ');
      return [nth('labels', index), `${kind}: ${names}`] as const;
    }),
  ]);
}

/** The images a network takes, in order. */
export function imagesOf({ inputs }: Network) {
  return inputs.flatMap((input) => (input.kind === 'image' ? [input] : []));
}

function nth(what: string, index: number): string {
  return index === 0 ? what : `${what} ${index + 1}`;
}

/** A name as data sets are searched for it: case, spaces, hyphens and underscores do not matter. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
