import { RESAMPLES } from '../statistics/bca.js';
import { SIGN_FLIP_EXACT, SIGN_FLIPS } from '../statistics/sign-flip.js';
import { WILCOXON_EXACT } from '../statistics/wilcoxon.js';

/** How each statistic of the report is computed, one line each; docs/statistics.md has details. */
export const METHODS = {
  mean: 'mean over the classes with a value, then over seeds, then over cases. n is the number of cases',
  missing:
    'a class in neither truth nor prediction has no value; one that is missed or falsely detected counts as Dice 0 and, for HD95, as the diagonal of the image',
  interval: `95 % BCa bootstrap over cases, ${RESAMPLES.toLocaleString('en-US')} resamples; resampling a case includes all of its seeds. Seeds are fixed: the interval reflects neither the spread between training runs nor the fact that the cases of a fold share a network`,
  difference:
    'row minus base in the seeds and folds that both have, averaged per case, then over cases; the interval is computed like that of the mean',
  wilcoxon: `signed-rank test of the differences by case, two-sided, zeros removed, mid-ranks for ties; exact for up to ${WILCOXON_EXACT} nonzero differences, otherwise the normal approximation with continuity correction, at least 1e-12`,
  permutation: `sign flips of the differences by case, two-sided, on their mean; all flips for up to ${SIGN_FLIP_EXACT} cases, otherwise ${SIGN_FLIPS.toLocaleString('en-US')} random ones with (b + 1) / (m + 1)`,
  holm: 'step-down over all matched rows except the base, one family per metric and test, including rows that have not run yet',
  improvement: 'proportion of cases in which the row is better than the base; ties count as half',
  detectable:
    'true difference that both tests would find below 0.05 / comparisons (the first step of Holm) with a probability of about 0.8 if differences are normal with the observed spread: from the noncentral t distribution at the largest attainable p, a multiple of the smallest (2 / 2^n), below that level; if only the smallest is below it, from the probability that all differences have the same sign. None if not even the smallest p is below it: then no difference of any size could be shown',
  conclusion:
    'a difference counts as shown if the 95 % interval of the Dice difference excludes 0, both tests are below 0.05 after Holm correction, every seed has the same sign, and every run of both rows has a mean Dice of at least 0.01',
} as const;

/** Added if the report is not the default. */
export const FURTHER_METHODS = {
  families:
    'differences by class are a Holm family of their own for each metric and test, of all matched rows and all classes; so are differences by union. The family of the main table does not contain them',
} as const;
