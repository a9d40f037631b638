"""Writes net.pt and case.pt as docs/from-pytorch.md does, by running its Python.

Run with Debian's PyTorch: /usr/bin/python3 test/docs/record-from-pytorch.py. The statistics of batch norm come from two
random batches, and its weights are random, so that no two layers of the network are alike.
"""

import os
import re

import torch

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "../../docs/from-pytorch.md"), encoding="utf-8") as guide:
    network, saving = re.findall(r"^```python\n(.*?)^```$", guide.read(), re.M | re.S)

torch.manual_seed(0)
names = {}
exec(network, names)
net = names["net"] = names["Net"]()
with torch.no_grad():
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm3d):
            module.weight.uniform_(0.5, 1.5)
            module.bias.normal_(0, 0.2)
    for _ in range(2):
        net(torch.randn(2, 1, 8, 8, 8))
os.chdir(os.path.join(folder, "recorded"))
exec(saving, names)
