/** A process that probes one engine: takes a request from its parent, tells progress, and the answer. */
import { probe, type EngineProbe, type ProbeRequest } from './probe.js';

/** What it tells its parent. */
export type ProbeMessage =
  | { readonly kind: 'progress'; readonly what: string; readonly done: number; readonly of: number }
  | { readonly kind: 'done'; readonly probe: EngineProbe };

const tell = (message: ProbeMessage, then?: () => void): void => {
  process.send?.(message, () => then?.());
};

process.once('message', (request: ProbeRequest) => {
  void probe(request, (what, done, of) => tell({ kind: 'progress', what, done, of })).then((result) =>
    tell({ kind: 'done', probe: result }, () => process.exit(0)),
  );
});
// A parent that is gone needs no answer.
process.once('disconnect', () => process.exit(1));
