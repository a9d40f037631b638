"""Reads {"differences", "indices", "p", "detectable"} as JSON, prints what SciPy says of them as JSON.

Lists of paired differences go through Wilcoxon's test, the sign-flip permutation test and the BCa bootstrap; the last
draws the given indices (one flat list of resamples for each list), so that it is the same bootstrap."""

import itertools
import json
import math
import sys
import warnings

import numpy
from scipy import optimize, stats
from scipy.stats import _resampling

warnings.simplefilter("ignore")
given = json.load(sys.stdin)


def wilcoxon(d):
    """Exact by SciPy where neither ties nor zeros are, by enumeration of all signs where they are, else approximate."""
    nonzero = d[d != 0]
    n, ranks = len(nonzero), stats.rankdata(abs(nonzero))
    if n > 50:
        return stats.wilcoxon(d, mode="approx", zero_method="wilcox", correction=True).pvalue
    if len(set(ranks)) == n:
        return stats.wilcoxon(nonzero, mode="exact").pvalue
    found = abs((numpy.sign(nonzero) * ranks).sum())
    sums = [abs((numpy.array(signs) * ranks).sum()) for signs in itertools.product((-1, 1), repeat=n)]
    return numpy.mean(numpy.array(sums) >= found)


def sign_flip(d):
    """Up to 14 differences by all flips, above by 19,999 drawn ones."""
    return stats.permutation_test(
        (d,),
        lambda x, axis: x.mean(axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=2**14 if len(d) <= 14 else 19_999,
        batch=1000,
        random_state=1,
    ).pvalue


def bca(d, indices):
    indices = numpy.array(indices).reshape(-1, len(d))
    _resampling._bootstrap_resample = lambda sample, **_: sample[..., indices]
    found = stats.bootstrap((d,), numpy.mean, n_resamples=len(indices), method="BCa", axis=-1)
    return list(found.confidence_interval)


def detectable(n, comparisons):
    """Difference in standard deviations found with power 0.8 at the largest possible p below 0.05 / comparisons."""
    step = 2 / 2**n if n <= 32 else 1e-5
    below = math.ceil(0.05 / comparisons / step) - 1
    if below == 1:
        return stats.norm.ppf(0.8 ** (1 / n))
    critical = stats.t.ppf(1 - below * step / 2, n - 1)

    def lack(noncentrality):
        reached = stats.nct.sf(critical, n - 1, noncentrality) + stats.nct.cdf(-critical, n - 1, noncentrality)
        return reached - 0.8

    return optimize.brentq(lack, 0.1, 40) / math.sqrt(n)


differences = [numpy.array(each, dtype=float) for each in given["differences"]]
print(
    json.dumps(
        {
            "wilcoxon": [float(wilcoxon(d)) for d in differences],
            "signFlip": [float(sign_flip(d)) for d in differences],
            "bca": [bca(d, i) for d, i in zip(differences, given["indices"])],
            "detectable": [detectable(n, k) for n, k in given["detectable"]],
        }
    )
)
