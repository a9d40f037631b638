"""Prediction of a volume window by window: the windows and the arithmetic of `runtime/inference/`, in PyTorch."""
import itertools
import math

import torch

SIGMA_SCALE = 1 / 8
FLOOR = 1e-3


def starts(extent, size, overlap):
    last = max(0, extent - size)
    step = max(1, math.floor(size * (1 - overlap) + 1e-9))
    return [*range(0, last, step), last]


def importance(size):
    """Gaussian weights of a window, [size, size, size]."""
    places = torch.arange(size, dtype=torch.float64)
    axis = torch.exp(-(((places - (size - 1) / 2) / (size * SIGMA_SCALE)) ** 2) / 2)
    weights = axis[:, None, None] * axis[None, :, None] * axis[None, None, :]
    return weights.float().clamp_min(FLOOR)


def sliding_window(predict, volume, labels, size, overlap):
    """Probabilities [labels, D, H, W] of a volume [C, D, H, W] no smaller than the window, and how many windows."""
    extents = volume.shape[1:]
    weights = importance(size)
    sums = torch.zeros(labels, *extents)
    total = torch.zeros(extents)
    origins = list(itertools.product(*(starts(extent, size, overlap) for extent in extents)))
    for origin in origins:
        place = tuple(slice(start, start + size) for start in origin)
        window = volume[(slice(None), *place)]
        sums[(slice(None), *place)] += weights * predict(window[None])[0]
        total[place] += weights
    sums /= total
    return torch.softmax(sums, 0), len(origins)
