import type { FloatTensor, LabelTensor } from '../data/types.js';
import type { OutputDescription } from '../description.js';
import { decide } from '../inference/decide.js';
import type { ValidationScore } from './events.js';

/** Sums of one label over one case. */
interface Overlap {
  both: number;
  predicted: number;
  truth: number;
}

function foreground(output: OutputDescription): { name: string; values: ReadonlySet<number> }[] {
  const labels = output.labels.map(({ name, values }, index) => ({
    name,
    values: new Set(output.kind === 'classes' ? [index] : values),
  }));
  return output.kind === 'classes' ? labels.slice(1) : labels;
}

function overlaps(predicted: LabelTensor, truth: LabelTensor, output: OutputDescription): Overlap[] {
  return foreground(output).map(({ values }) => {
    const members = Uint8Array.from({ length: 256 }, (_, value) => Number(values.has(value)));
    const sums = { both: 0, predicted: 0, truth: 0 };
    for (let voxel = 0; voxel < truth.data.length; voxel++) {
      const p = members[predicted.data[voxel]!]!;
      const t = members[truth.data[voxel]!]!;
      sums.both += p & t;
      sums.predicted += p;
      sums.truth += t;
    }
    return sums;
  });
}

/**
 * Dice of each foreground label of one case, 2 |P and T| / (|P| + |T|); null where neither has a voxel of it.
 * @param probabilities [labels, ...spatial]
 * @param truth [...spatial], values as in `Batch.target`
 */
export function caseDice(probabilities: FloatTensor, truth: LabelTensor, output: OutputDescription): (number | null)[] {
  // Values in a batch's target are class indices, whatever the data set calls them.
  const labels = output.labels.map((label, index) =>
    output.kind === 'classes' ? { ...label, values: [index] } : label,
  );
  const predicted = decide(probabilities, { kind: output.kind, labels });
  return overlaps(predicted, truth, output).map(({ both, predicted: p, truth: t }) =>
    p + t === 0 ? null : (2 * both) / (p + t),
  );
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/**
 * Validation Dice: for each foreground label the mean over the cases in which truth or prediction has it, and the mean
 * of these means. A label that is absent from both says nothing of the network and is left out, never counted as 1.
 * @param cases `caseDice` of each case
 */
export function scoreOf(cases: readonly (readonly (number | null)[])[], output: OutputDescription): ValidationScore {
  const names = foreground(output).map(({ name }) => name);
  const means = names.map((_, label) => mean(cases.map((each) => each[label] ?? null)));
  return { dice: Object.fromEntries(names.map((name, label) => [name, means[label]!])), mean: mean(means) };
}
