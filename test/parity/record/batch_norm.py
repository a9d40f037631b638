"""Records what PyTorch makes of a small network with batch norm, for test/parity/batch-norm.test.ts.

Needs PyTorch alone (Debian's python3-torch has it): /usr/bin/python3 test/parity/record/batch_norm.py

The network is that of the test, under the ids of its operations: three convolutions, each followed by a batch norm (the
default; without scale and shift, momentum 0.3; frozen, with its scale and shift trained), and a head. Three AdamW steps on
batches of two cases, then the logits in evaluation mode.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench" / "peer"))
import tensor_file

torch.manual_seed(7)
torch.set_num_threads(1)

layers = nn.ModuleDict(
    {
        "first": nn.Conv3d(1, 3, 3, padding=1, bias=False),
        "first_norm": nn.BatchNorm3d(3),
        "second": nn.Conv3d(3, 4, 3, stride=2, padding=1, bias=False),
        "second_norm": nn.BatchNorm3d(4, eps=1e-3, momentum=0.3, affine=False),
        "up": nn.ConvTranspose3d(4, 3, 2, stride=2, bias=False),
        "up_norm": nn.BatchNorm3d(3),
        "head": nn.Conv3d(3, 2, 1),
    }
)
ids = {
    "first": "x.conv",
    "first_norm": "x.batch_norm",
    "second": "x.conv2",
    "second_norm": "x.batch_norm2",
    "up": "x.transposed_conv",
    "up_norm": "x.batch_norm3",
    "head": "mask.conv",
}


def forward(x):
    x = torch.tanh(layers["first_norm"](layers["first"](x)))
    x = torch.tanh(layers["second_norm"](layers["second"](x)))
    x = torch.tanh(layers["up_norm"](layers["up"](x)))
    return layers["head"](x)


def state():
    """Parameters and running statistics under the ids of the spec."""
    found = {}
    for name, tensor in layers.state_dict().items():
        layer, weight = name.split(".")
        if weight != "num_batches_tracked":
            found[f"{ids[layer]}.{weight}"] = tensor.detach().clone()
    return found


def training():
    layers.train()
    layers["up_norm"].eval()


recorded = {}


def record(prefix, tensors):
    recorded.update({f"{prefix}/{name}": tensor.detach().clone() for name, tensor in tensors.items()})


with torch.no_grad():
    for name in ("first_norm", "second_norm", "up_norm"):
        layers[name].running_mean.normal_(0, 0.3)
        layers[name].running_var.uniform_(0.5, 2)
        if layers[name].affine:
            layers[name].weight.normal_(1, 0.2)
            layers[name].bias.normal_(0, 0.2)

record("before", state())
training()
optimizer = torch.optim.AdamW(layers.parameters(), lr=1e-2, weight_decay=0.01)
for step in range(3):
    scan = 0.5 + 2 * torch.randn(2, 1, 6, 4, 4)
    target = torch.randint(0, 2, (2, 6, 4, 4))
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(scan), target)
    loss.backward()
    record(f"step{step}", {"scan": scan, "target": target.int(), "loss": loss.reshape(1)})
    gradients = {f"{ids[name.split('.')[0]]}.{name.split('.')[1]}": p.grad for name, p in layers.named_parameters()}
    record(f"step{step}/gradient", gradients)
    optimizer.step()
    record(f"step{step}/after", state())

layers.eval()
record("prediction", {"scan": scan, "logits": forward(scan)})


arrays = {name: tensor.numpy() for name, tensor in recorded.items()}
tensor_file.write(ROOT / "test" / "parity" / "recorded" / "batch-norm.safetensors", arrays, {})
