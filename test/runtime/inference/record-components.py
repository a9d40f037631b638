"""Records the components of random masks by scipy.ndimage.label, and their postprocessing with NumPy, in components.json."""

import json
import pathlib

import numpy
import scipy
from scipy import ndimage

RANKS = {"faces": 1, "edges": 2, "corners": 3}
SPACING = [2.0, 0.5, 0.75]


def components(mask, connectivity):
    return ndimage.label(mask, ndimage.generate_binary_structure(3, RANKS[connectivity]))


def kept(mask, connectivity, keep):
    labels, count = components(mask, connectivity)
    sizes = ndimage.sum_labels(mask, labels, range(1, count + 1))
    return numpy.isin(labels, [number + 1 for number in keep(sizes)])


def largest(sizes):
    return [int(sizes.argmax())] if len(sizes) else []


def at_least(size):
    return lambda sizes: [number for number, own in enumerate(sizes) if own >= size]


def flat(array):
    return "".join(str(int(value)) for value in array.ravel())


random = numpy.random.default_rng(7)
cases = []
for shape, density in [((5, 7, 6), 0.2), ((4, 9, 8), 0.35), ((1, 12, 12), 0.45)]:
    mask = (random.random(shape) < density) * random.integers(1, 3, shape)
    for connectivity in RANKS:
        labels, count = components(mask > 0, connectivity)
        by_class = mask.copy()
        for value in (1, 2):
            by_class[(mask == value) & ~kept(mask == value, connectivity, largest)] = 0
        union = mask * kept(mask > 0, connectivity, largest)
        sized = mask.copy()
        sized[(mask == 2) & ~kept(mask == 2, connectivity, at_least(3))] = 0
        cases.append(
            {
                "shape": shape,
                "mask": flat(mask),
                "connectivity": connectivity,
                "labels": labels.ravel().tolist(),
                "count": count,
                "largest": flat(by_class),
                "union": flat(union),
                "atLeast3Voxels": flat(sized),
            }
        )
place = pathlib.Path(__file__).with_name("components.json")
place.write_text(json.dumps({"scipy": scipy.__version__, "spacing": SPACING, "cases": cases}) + "\n")
