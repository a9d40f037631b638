"""Records what the networks of `bench/peer/` compute at a reduced width, for tests on a machine that has no PyTorch.

/usr/bin/python3 test/parity/record/record.py     (Debian: apt-get install python3-torch python3-numpy)

Weights, images and targets are drawn from their names (`draw.py`), so that a file holds only answers. All is computed in
float64. A gradient of more than SAMPLES values is kept as SAMPLES of them, its largest, and SUMS sums over all of it
with random signs.
"""
import json
import math
import pathlib
import sys

import numpy
import torch

import draw

# The networks are the benchmarks' peer.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "bench" / "peer"))
import tensor_file
from baselines import attentionunet3d
from dalight3d import dalight3d
from training import gradients, train

RECORDED = pathlib.Path(__file__).resolve().parents[1] / "recorded"
SAMPLES = 96
SUMS = 4
TRAINING = {"lr": 1e-3, "weight_decay": 0.1, "clip_norm": 0.5}


def range_of(name, shape):
    """Centre and spread of a weight's values: activations keep their size, nothing stays at its first value."""
    if name.endswith("alpha"):
        return 0.4, 0.2
    if name.endswith(("gamma.weight", "gamma")) or (name.endswith("weight") and len(shape) == 1):
        return 1.0, 0.4
    if name.endswith(("bias", "beta", "beta.weight")):
        return 0.0, 0.3
    # The query of the voxel attention is drawn wider, or its softmax over voxels would hardly differ from a mean.
    gain = 4.0 if name.endswith("query_proj.weight") else 1.3
    return 0.0, round(gain * math.sqrt(3 / math.prod(shape[1:])), 6)


class DrawnWeights:
    """Makes each weight when the network first asks for it."""

    def __init__(self, network):
        self.network = network
        self.tensors = {}
        self.drawn = {}

    def __call__(self, name, *shape):
        if name not in self.tensors:
            centre, spread = range_of(name, shape)
            self.drawn[name] = {"shape": shape, "centre": centre, "spread": spread}
            values = draw.uniform(f"{self.network}/{name}", shape, centre, spread)
            self.tensors[name] = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        return self.tensors[name]


def image(network, case, shape):
    return torch.tensor(draw.uniform(f"{network}/{case}/scan", shape, 0.2, 1.8), dtype=torch.float64)


def target(network, case, shape):
    labels = draw.bits(f"{network}/{case}/target", int(numpy.prod(shape))) >> 30
    return torch.tensor(labels.astype(numpy.int64).reshape(shape))


def places(network, case, name, size):
    """Which values of a gradient are kept; some may be drawn twice."""
    if size <= SAMPLES:
        return numpy.arange(size)
    return (draw.bits(f"{network}/{case}/places/{name}", SAMPLES) % size).astype(numpy.int64)


def signs(network, case, name, index, size):
    return 1.0 - 2.0 * (draw.bits(f"{network}/{case}/signs{index}/{name}", size) >> 31)


def summarize(network, case, found):
    entries, sums, largest = [], [], []
    for name, gradient in found.items():
        values = gradient.numpy().ravel()
        entries.append(values[places(network, case, name, values.size)])
        sums.append([values @ signs(network, case, name, index, values.size) for index in range(SUMS)])
        largest.append(abs(values).max())
    return {
        "gradient.entries": numpy.concatenate(entries).astype(numpy.float32),
        "gradient.sums": numpy.array(sums, dtype=numpy.float32),
        "gradient.largest": numpy.array(largest, dtype=numpy.float32),
    }


def record_case(network, forward, weights, case, spec):
    x = image(network, case, (len(spec["identifiers"]), 4, *spec["sizes"]))

    def run(current):
        return forward(lambda name, *shape: current[name], x, spec["identifiers"])

    forward(weights, x, spec["identifiers"])
    tensors = dict(weights.tensors)
    with torch.no_grad():
        recorded = {"logits": run(tensors).numpy().astype(numpy.float32)}
    if spec["trained"]:
        truth = target(network, case, (x.shape[0], *spec["sizes"]))
        _, found = gradients(run, tensors, truth)
        recorded.update(summarize(network, case, found))
        copies = {name: tensor.detach().clone().requires_grad_() for name, tensor in tensors.items()}
        losses, norms = train(run, copies, truth, 3, **TRAINING)
        recorded["losses"] = numpy.array(losses)
        recorded["norms"] = numpy.array(norms)
    return {f"{case}.{name}": array for name, array in recorded.items()}


def record(network, forward, cases):
    weights = DrawnWeights(network)
    arrays = {}
    for case, spec in cases.items():
        arrays.update(record_case(network, forward, weights, case, spec))
    about = {
        "network": network,
        "weights": json.dumps(weights.drawn, separators=(",", ":")),
        "cases": json.dumps(cases, separators=(",", ":")),
        "training": json.dumps(TRAINING, separators=(",", ":")),
    }
    path = RECORDED / f"{network}.safetensors"
    tensor_file.write(path, arrays, about)
    print(f"{path.name}: {len(weights.drawn)} weights, {path.stat().st_size} bytes")


def case(sizes, identifiers, trained=False):
    return {"sizes": sizes, "identifiers": identifiers, "trained": trained}


def main():
    RECORDED.mkdir(exist_ok=True)
    dalight_cases = {
        "main": case([16, 8, 16], [3], trained=True),
        "mixed": case([16, 8, 8], [6, -1], trained=True),
        "odd": case([10, 13, 9], [0]),
        "none": case([16, 8, 8], [-1], trained=True),
    }
    attention_cases = {
        "main": case([16, 8, 16], [-1], trained=True),
        "batch": case([8, 8, 16], [-1, -1]),
    }
    record("dalight3d", lambda weight, x, ids: dalight3d(weight, x, ids, 8, 16, 2), dalight_cases)
    record("attentionunet3d", lambda weight, x, _: attentionunet3d(weight, x, 8), attention_cases)


main()
