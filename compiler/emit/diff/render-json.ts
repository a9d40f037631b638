import type { NetworkDiff } from './diff.js';
import { jsonText } from '../../../text/json.js';

/** A diff for programs: one JSON object, two spaces deep, with a line break at its end. */
export function renderDiffJson(diff: NetworkDiff): string {
  const { params, macs, activationBytes, receptiveField, stages, protocol, knobs, sides } = diff;
  const changes = diff.changes.map(({ kind, id, module, before, after, params: own }) => ({
    kind,
    id,
    module,
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
  return jsonText(json);
}
