"""Checks the networks of `bench/peer/` against the recorded reference (../shared/parity): logits, gradients, losses after AdamW steps.

/usr/bin/python3 test/parity/record/check.py [FOLDER]
"""
import json
import pathlib
import sys

import torch

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench" / "peer"))
import tensor_file
from baselines import attentionunet3d
from dalight3d import dalight3d
from training import gradients, train


def load(folder):
    arrays = tensor_file.read(folder / "weights.safetensors")
    return {name: torch.tensor(array, dtype=torch.float64, requires_grad=True) for name, array in arrays.items()}


def lookup(weights, used):
    def weight(name, *shape):
        if list(weights[name].shape) != list(shape):
            raise SystemExit(f"{name} is {list(weights[name].shape)}, asked for as {list(shape)}")
        used.add(name)
        return weights[name]

    return weight


def far(ours, theirs):
    return float((ours - theirs).abs().max())


def compare_gradients(found, folder):
    theirs = tensor_file.read(folder / "gradients.safetensors")
    worst = 0.0
    for name, array in theirs.items():
        largest = float(abs(array).max())
        distance = far(found[name], torch.tensor(array, dtype=torch.float64))
        # A mathematically zero gradient is compared absolutely.
        worst = max(worst, distance / largest if largest > 1e-7 else distance)
    return worst


def check(folder, network):
    weights = load(folder)
    used = set()
    cases = {name: torch.tensor(array) for name, array in tensor_file.read(folder / "cases.safetensors").items()}
    prefixes = ["", *(name[: -len("input")] for name in cases if name.endswith(".input"))]
    for prefix in prefixes:
        x = cases[f"{prefix}input"].double()
        given = cases.get("identifier" if prefix == "" else f"{prefix}scanner_id")
        identifiers = [-1] * len(x) if given is None else given.tolist()
        with torch.no_grad():
            logits = network(lookup(weights, used), x, identifiers)
        print(f"{folder.name} {prefix or 'main.'}logits: {far(logits, cases[f'{prefix}logits']):.1e}")
    print(f"{folder.name} weights not used: {sorted(set(weights) - used)}")

    identifiers = cases["identifier"].tolist() if "identifier" in cases else [-1]
    def forward(current):
        return network(lookup(current, used), cases["input"].double(), identifiers)

    value, found = gradients(forward, weights, cases["target"])
    print(f"{folder.name} gradients, of each tensor's largest: {compare_gradients(found, folder):.1e}")
    losses, norms = train(forward, weights, cases["target"], 3, 5e-5, 1e-5, 1.0)
    recorded = json.loads((folder / "loss.json").read_text())["float64"]
    print(f"{folder.name} losses: {max(abs(a - b['loss']) for a, b in zip(losses, recorded)):.1e}")
    print(f"{folder.name} norms: {max(abs(a - b['grad_norm_before_clip']) for a, b in zip(norms, recorded)):.1e}")


def main():
    torch.set_num_threads(2)
    parity = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "parity"
    check(parity / "dalight3d", lambda weight, x, identifiers: dalight3d(weight, x, identifiers, 24, 432, 8))
    check(parity / "attentionunet3d", lambda weight, x, _: attentionunet3d(weight, x, 24))


main()
