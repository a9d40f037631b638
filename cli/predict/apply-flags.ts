import { readEntry } from '../../compiler/protocol/read-entry.js';
import { entryForm } from '../../compiler/protocol/protocol-text.js';
import { entryWords } from '../../contract/protocol-words.js';
import type { PostprocessStep, Protocol } from '../../contract/protocol.js';
import { parseExpression } from '../../grammar/parse.js';
import { createSource } from '../../grammar/source.js';
import { UsageError } from '../exit.js';
import type { PredictionFlags } from '../prediction-flags.js';

/** Reads the value of `--postprocess` as a protocol's entry without its brackets. */
function stepsOf(text: string): readonly PostprocessStep[] {
  if (text.trim() === 'none') return [];
  const { expression, diagnostics } = parseExpression(createSource('--postprocess', `[${text}]`));
  const steps = diagnostics.length > 0 ? undefined : readEntry(expression, entryWords.postprocess);
  if (steps === undefined) throw new UsageError(`--postprocess must be ${entryForm(entryWords.postprocess)}.`);
  // It was read as the table specifies, from which the type is derived.
  return steps as readonly PostprocessStep[];
}

/** Returns a run whose protocol predicts as the flags specify. */
export function withPredictionFlags<T extends { readonly protocol: Protocol }>(
  run: T,
  { mirror, region, postprocess }: PredictionFlags,
): T {
  const { validate } = run.protocol;
  const steps = postprocess === undefined ? run.protocol.postprocess : stepsOf(postprocess);
  const changed = {
    ...validate,
    ...(mirror === undefined ? {} : { mirror: mirror === false ? null : { axes: mirror } }),
    ...(region === undefined ? {} : { region }),
  };
  return { ...run, protocol: { ...run.protocol, validate: changed, postprocess: steps } };
}
