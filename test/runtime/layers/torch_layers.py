"""Writes torch-layers.json: what PyTorch computes for layers whose settings follow it, with its gradients.

Run with Debian's PyTorch: /usr/bin/python3 test/runtime/layers/torch_layers.py
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(7)
cases = []


def listed(tensor):
    values = [float(f"{value:.6g}") for value in tensor.detach().flatten().tolist()]
    return {"shape": list(tensor.shape), "values": values}


def case(name, layer, config, compute, inputs, weights=None):
    """`compute` takes the inputs, then the weights; the gradients are those of sum(output * upstream)."""
    tensors = [torch.randn(shape).mul(1000).round().div(1000).requires_grad_() for shape in inputs]
    trained = {
        key: torch.randn(shape).mul(1000).round().div(1000).requires_grad_() for key, shape in (weights or {}).items()
    }
    output = compute(*tensors, *trained.values())
    upstream = torch.randn(output.shape).mul(1000).round().div(1000)
    output.backward(upstream)
    cases.append(
        {
            "name": name,
            "layer": layer,
            "config": config,
            "inputs": [listed(each) for each in tensors],
            "weights": {key: listed(each) for key, each in trained.items()},
            "output": listed(output),
            "upstream": listed(upstream),
            # A second operand that only gives its size has no gradient.
            "gradients": [listed(each.grad) for each in tensors if each.grad is not None],
            "weightGradients": {key: listed(each.grad) for key, each in trained.items()},
        }
    )


case(
    "transposed conv of two groups with output padding",
    "TransposedConv",
    {"out": 4, "kernel": [3, 3], "stride": [2, 3], "pad": [[1, 1], [0, 0]], "outputPad": [1, 2], "groups": 2, "bias": True},
    lambda x, w, b: F.conv_transpose2d(x, w, b, (2, 3), (1, 0), (1, 2), 2),
    [(2, 6, 3, 2)],
    {"weight": (6, 2, 3, 3), "bias": (4,)},
)
case(
    "transposed conv with a group for each channel",
    "TransposedConv",
    {"out": 3, "kernel": [3, 3, 3], "stride": [2, 2, 2], "pad": [[1, 1]] * 3, "outputPad": [1, 1, 1], "groups": 3},
    lambda x, w: F.conv_transpose3d(x, w, None, 2, 1, 1, 3),
    [(1, 3, 2, 3, 2)],
    {"weight": (3, 1, 3, 3, 3)},
)
case(
    "transposed conv of kernel 2 and stride 2 in groups",
    "TransposedConv",
    {"out": 4, "kernel": [2, 2], "stride": [2, 2], "groups": 2},
    lambda x, w: F.conv_transpose2d(x, w, None, 2, groups=2),
    [(2, 2, 3, 2)],
    {"weight": (2, 2, 2, 2)},
)
for mode, theirs in [("nearest", "nearest-exact"), ("nearest_floor", "nearest")]:
    case(
        f"resize, {mode}",
        "Resize",
        {"mode": mode},
        lambda x, like, theirs=theirs: F.interpolate(x, size=like.shape[2:], mode=theirs),
        [(2, 2, 7, 3), (2, 1, 4, 8)],
    )
case(
    "resize, linear with aligned corners",
    "Resize",
    {"mode": "linear", "alignCorners": True},
    lambda x, like: F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=True),
    [(2, 2, 7, 3), (2, 1, 4, 8)],
)
case(
    "resize, linear with aligned corners, of and to one voxel",
    "Resize",
    {"mode": "linear", "alignCorners": True},
    lambda x, like: F.interpolate(x, size=like.shape[2:], mode="trilinear", align_corners=True),
    [(1, 2, 1, 4, 3), (1, 1, 3, 1, 6)],
)
for mode in ["replicate", "reflect"]:
    case(
        f"pad, {mode}",
        "Pad",
        {"amounts": [[1, 0], [0, 3], [2, 1]], "mode": mode},
        lambda x, mode=mode: F.pad(x, (2, 1, 0, 3, 1, 0), mode=mode),
        [(2, 2, 3, 4, 3)],
    )
case(
    "pad, channels and voxels",
    "Pad",
    {"amounts": [[1, 0], [0, 2]], "channels": 6},
    lambda x: F.pad(x, (0, 2, 1, 0, 1, 2)),
    [(2, 3, 2, 3)],
)
case(
    "pad to another tensor, after",
    "Pad",
    {"mode": "replicate", "before": [0, 1]},
    lambda x, like: F.pad(x, (1, 1, 0, 3), mode="replicate"),
    [(2, 2, 2, 3), (2, 1, 5, 5)],
)
case(
    "pad to multiples",
    "Pad",
    {"multipleOf": [4, 3]},
    lambda x: F.pad(x, (0, 0, 0, 3)),
    [(2, 2, 5, 3)],
)
case(
    "crop to another tensor, after",
    "Crop",
    {"before": [0, 2]},
    lambda x, like: x[:, :, :2, 2:4],
    [(2, 2, 4, 5), (2, 1, 2, 2)],
)
case(
    "elements at fixed indices",
    "Take",
    {"axes": [["C", "D", "H"]], "parts": [{"axis": "C", "indices": [2, 0, 2]}, {"axis": "H", "indices": [1, 2]}]},
    lambda x: x[:, [2, 0, 2]][:, :, :, 1:3],
    [(2, 3, 2, 4)],
)
case("prelu, one slope", "Prelu", {"shared": True}, F.prelu, [(2, 3, 4, 2)], {"slope": (1,)})

path = pathlib.Path(__file__).with_name("torch-layers.json")
path.write_text("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in cases) + "\n]\n")
