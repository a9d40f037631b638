import { RESAMPLES } from '../statistics/bca.js';
import { SIGN_FLIP_EXACT, SIGN_FLIPS } from '../statistics/sign-flip.js';
import { WILCOXON_EXACT } from '../statistics/wilcoxon.js';

/** How each statistic of the report is made, a line each; docs/statistics.md says more. */
export const METHODS = {
  mean: 'per case the mean over classes that have a value, then over seeds; then over cases. n counts cases',
  missing:
    'a class in neither truth nor prediction has no value; one missed or invented counts Dice 0 and, for HD95, the diagonal of the image',
  interval: `95 % BCa bootstrap over cases, ${RESAMPLES.toLocaleString('en-US')} resamples; a case drawn brings all its seeds. Seeds are fixed: the spread between trainings is not in it, nor that cases of a fold share a network`,
  difference:
    "row minus base in the seeds and folds that both have, a mean per case, then over cases; interval as the mean's",
  wilcoxon: `signed-rank test of the differences by case, two-sided, zeros left out, mid-ranks for ties; exact up to ${WILCOXON_EXACT} nonzero differences, above normal with continuity correction, from 1e-12 on`,
  permutation: `sign flips of the differences by case, two-sided, on their mean; all of them up to ${SIGN_FLIP_EXACT} cases, above ${SIGN_FLIPS.toLocaleString('en-US')} drawn ones with (b + 1) / (m + 1)`,
  holm: 'step-down over all matched rows but the base, one family for each metric and test; rows that have not run count in it',
  improvement: 'share of cases in which the row is better than the base, ties counting half',
  detectable:
    'true difference that both tests would find below 0.05 / comparisons (Holm’s first step) with a chance of about 0.8, were differences normal with the spread found: by the noncentral t at the largest multiple of the smallest p (2 / 2^n) that is below; where only the smallest is below, by the chance that all have one sign. None where not even that is: then no difference of any size could be shown',
  conclusion:
    'shown where the 95 % interval of the Dice difference leaves out 0, both tests are below 0.05 after Holm, and each seed alone has the same sign',
} as const;
