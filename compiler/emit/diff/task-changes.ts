import type { Network } from '../../ir/ir.js';
import { settingChanges, type SettingChange } from './setting-changes.js';

/**
 * Where two networks take other images or predict other labels: they do different tasks, whatever their protocols say.
 * Names are compared as a data set's are: case, spaces, hyphens and underscores do not matter, nor does the order of
 * channels. An identifier is a part of the architecture.
 */
export function taskChanges(before: Network, after: Network): readonly SettingChange[] {
  return settingChanges(taskOf(before), taskOf(after));
}

function taskOf({ inputs, outputs }: Network): ReadonlyMap<string, string> {
  const images = inputs.flatMap((input) => (input.kind === 'image' ? [input] : []));
  return new Map([
    ...images.map(({ channels, axes }, index) => {
      const rank = axes.length;
      const names = channels.map(plain).sort().join(', ');
      return [`${nth('image', index)}`, `${rank}-D of ${names}`] as const;
    }),
    ...outputs.map(({ kind, labels }, index) => {
      const names = labels.map(({ name, values }) => `${plain(name)} = ${values.join(' + ')}`).join(', ');
      return [nth('labels', index), `${kind}: ${names}`] as const;
    }),
  ]);
}

function nth(what: string, index: number): string {
  return index === 0 ? what : `${what} ${index + 1}`;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
