import { printExpression } from '../grammar/print.js';
import type { Run } from '../runtime/run/run-folder.js';
import type { NewRunFlags } from './new-run.js';
import { readSettings } from './spec.js';

/** Flags that define a run, each with a check whether the run was created with the given value. */
const sealed: {
  readonly [Flag in 'protocol' | 'fold' | 'validation' | 'patch' | 'steps' | 'lr' | 'seed']: (
    given: NonNullable<NewRunFlags[Flag]>,
    run: Run,
  ) => boolean;
} = {
  protocol: (given, { protocol }) => protocol.name === given,
  fold: (given, { info }) => info.fold === given,
  validation: (given, { split }) => sameNames(given, split.validation),
  patch: (given, { info }) => info.patch?.join() === given.join(),
  steps: (given, { protocol: { length } }) => length.kind === 'steps' && length.steps === given,
  lr: (given, { protocol }) => protocol.optimizer.lr === given,
  seed: (given, { info }) => info.seed === given,
};

/**
 * Returns the given flags that differ from those the run was created with; `--resume` continues a run as it is, so that
 * the command that began it can be given again.
 */
export function flagsUnlike(flags: NewRunFlags, run: Run): readonly string[] {
  const names = Object.keys(sealed) as (keyof typeof sealed)[];
  const unlike = names.filter((name) => {
    const given = flags[name];
    const agrees = sealed[name] as (given: unknown, run: Run) => boolean;
    return given !== undefined && !agrees(given, run);
  });
  return [...unlike.map((name) => `--${name} ${String(flags[name])}`), ...settingsUnlike(flags.set, run)];
}

function settingsUnlike(set: readonly string[], { info }: Run): readonly string[] {
  const { settings } = readSettings(set);
  return settings.flatMap(({ name, value }, index) => {
    const knob = info.knobs.find((each) => each.name === name.name);
    return knob?.value === printExpression(value) ? [] : [`--set ${set[index] ?? ''}`];
  });
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return [...new Set(a)].sort().join('\n') === [...b].sort().join('\n');
}
