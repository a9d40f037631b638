"""Reads {"shape", "spacing", "truth", "prediction"} of binary masks as JSON, prints what SciPy says of them as JSON."""

import json
import sys

import numpy
from scipy import ndimage

given = json.load(sys.stdin)
shape, spacing = given["shape"], given["spacing"]
truth, prediction = (numpy.array(given[name], dtype=bool).reshape(shape) for name in ("truth", "prediction"))


def surface(mask):
    return mask & ~ndimage.binary_erosion(mask, ndimage.generate_binary_structure(mask.ndim, 1))


def directed(origin, goal):
    return ndimage.distance_transform_edt(~surface(goal), sampling=spacing)[surface(origin)]


print(
    json.dumps(
        {
            "dice": 2 * (truth & prediction).sum() / (truth.sum() + prediction.sum()),
            "hd95": max(
                numpy.percentile(directed(truth, prediction), 95), numpy.percentile(directed(prediction, truth), 95)
            ),
            "distances": ndimage.distance_transform_edt(~truth, sampling=spacing).ravel().tolist(),
        }
    )
)
