import { Lowering } from '../../compiler/check/lowering.js';
import { ablationStudy } from '../../compiler/study/lower-study.js';
import type { AblationMode } from '../../compiler/study/study.js';
import { foldCount } from '../../runtime/data/split.js';
import { UsageError } from '../exit.js';
import { selectProtocol } from '../protocol.js';
import { openSpec, readPlace, selectModel } from '../spec.js';
import { exitOnErrors } from '../study/open-study-spec.js';
import { runStudy, type StudyFlags } from './study.js';

/** Flags of `unet ablate`. */
export interface AblateFlags extends StudyFlags {
  readonly model?: string;
  readonly mode: AblationMode;
  readonly protocol?: string;
  readonly seeds: readonly number[];
  readonly folds?: readonly number[];
  readonly yes?: boolean;
}

/** `unet ablate FILE --data DIR -o DIR`: creates and runs a study from the `off` values of a model. */
export async function ablate(file: string, flags: AblateFlags): Promise<void> {
  const { path, model } = readPlace(file, flags.model);
  const program = openSpec(path);
  const declaration = selectModel(program, model);
  const protocol = selectProtocol(program, flags.protocol);
  const plan = { protocol, seeds: distinct('--seeds', flags.seeds), folds: foldsOf(protocol, flags.folds) };
  const study = exitOnErrors(program, declaration, () =>
    ablationStudy(new Lowering(program), declaration, flags.mode, plan),
  );
  await runStudy(path, { program, study }, flags, flags.yes !== true);
}

function distinct(flag: string, numbers: readonly number[]): readonly number[] {
  const twice = numbers.find((number, index) => numbers.indexOf(number) !== index);
  if (twice !== undefined) throw new UsageError(`${flag} contains ${twice} twice.`);
  return numbers;
}

function foldsOf(
  { split, name, select }: ReturnType<typeof selectProtocol>,
  asked: readonly number[] | undefined,
): readonly number[] {
  const count = foldCount(split);
  if (select.kind === 'best' && count < 3) {
    throw new UsageError(
      `\`${name}\` selects checkpoints by validation, which needs its own fold besides the test fold.`,
      'Split into at least 3 folds, or select the last checkpoint.',
    );
  }
  const folds = distinct('--folds', asked ?? Array.from({ length: count }, (_, fold) => fold));
  const missing = folds.find((fold) => fold >= count);
  if (missing === undefined) return folds;
  throw new UsageError(
    `Fold ${missing} does not exist: the split of \`${name}\` has ${count} folds (0 to ${count - 1}).`,
  );
}
