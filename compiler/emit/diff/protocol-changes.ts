import type { Protocol } from '../../../contract/protocol.js';
import { settingChanges, settingTexts, type SettingChange } from './setting-changes.js';

/** Returns the settings in which two protocols differ. Their names do not matter. */
export function protocolChanges(before: Protocol | undefined, after: Protocol | undefined): readonly SettingChange[] {
  const texts = (protocol: Protocol | undefined): ReadonlyMap<string, string> => {
    if (protocol === undefined) return new Map();
    const { name: _, ...settings } = protocol;
    return settingTexts(settings);
  };
  return settingChanges(texts(before), texts(after));
}
