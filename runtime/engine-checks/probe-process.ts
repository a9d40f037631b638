/** The child process that probes one engine: receives a request from its parent, reports progress and the result. */
import { probe, type EngineProbe, type ProbeRequest } from './probe.js';

/** A message to the parent. */
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
// If the parent is gone, no reply is needed.
process.once('disconnect', () => process.exit(1));
