import type { NetworkDiff } from './diff.js';

/** A diff for programs: one JSON object, two spaces deep, with a line break at its end. */
export function renderDiffJson(diff: NetworkDiff): string {
  const { params, macs, activationBytes, receptiveField, stages, protocol, knobs, sides } = diff;
  const changes = diff.changes.map(({ kind, id, before, after, params: own }) => ({
    kind,
    id,
    before,
    after,
    params: own,
  }));
  const json = {
    class: diff.class,
    knobs,
    changes,
    params,
    macs,
    activationBytes,
    receptiveField,
    stages,
    protocol,
    sides,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
