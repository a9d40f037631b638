"""Records what public repositories' own code computes with weights and an input that are drawn from their names, for
test/zoo/drawn.test.ts: networks too large for their weights to be stored.

Needs PyTorch (Debian's python3-torch has it), einops, and a folder of checkouts named OWNER+NAME:
    /usr/bin/python3 test/zoo/record-drawn.py FOLDER
"""

import json
import sys
import types
from pathlib import Path

import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "bench" / "peer"), str(ROOT / "test" / "parity" / "record")]
import draw
import tensor_file

sources = Path(sys.argv[1])
torch.set_num_threads(1)

# Of the values of an output, the first of every so many is stored.
EVERY = 5


def use(repository):
    sys.path.insert(0, str(sources / repository))


def monai(name, **options):
    use("Project-MONAI+MONAI")
    from monai.networks import nets

    return getattr(nets, name)(**options)


def swin_unet(**options):
    use("HuCaoFighting+Swin-Unet")
    # All that the network uses of timm, as timm defines it; no path is dropped.
    layers = types.ModuleType("timm.models.layers")
    layers.DropPath = nn.Identity
    layers.to_2tuple = lambda value: value if isinstance(value, tuple) else (value, value)
    layers.trunc_normal_ = nn.init.trunc_normal_
    sys.modules |= {"timm": types.ModuleType("timm"), "timm.models": types.ModuleType("timm.models")}
    sys.modules["timm.models.layers"] = layers
    # `bench/peer` has a module of this name.
    sys.modules["networks"] = types.ModuleType("networks")
    sys.modules["networks"].__path__ = [str(sources / "HuCaoFighting+Swin-Unet" / "networks")]
    from networks.swin_transformer_unet_skip_expand_decoder_sys import SwinTransformerSys

    return SwinTransformerSys(drop_path_rate=0, **options)


def transbts(size, hidden):
    """The network for an image of `size`^3; its constructor has positions for 128^3 only."""
    use("Wenxuan-1119+TransBTS")
    from models.TransBTS.TransBTS_downsample8x_skipconnection import BTS

    # The source drops channels in evaluation mode, too.
    nn.functional.dropout3d = lambda tensor, rate: tensor

    network = BTS(size, 8, 4, 4, embedding_dim=512, num_heads=8, num_layers=4, hidden_dim=hidden)
    network.position_encoding.position_embeddings = nn.Parameter(torch.zeros(1, (size // 8) ** 3, 512))
    # Logits, as the spec has them.
    network.Softmax = nn.Identity()
    return network


def range_of(name, tensor):
    """Centre and spread of the values of a weight; every one matters to the result."""
    if "bias_table" in name:
        return 0, 1
    if name.endswith("running_var"):
        return 1, 0.5
    if tensor.dim() > 1:
        return 0, (3 / tensor[0].numel()) ** 0.5
    return (1 if name.endswith("weight") else 0), 0.3


def record(name, network, shape):
    """`shape` is that of the input, [N, C, ...]."""
    network.eval()
    weights = {}
    with torch.no_grad():
        for key, tensor in network.state_dict().items():
            if tensor.is_floating_point() and not key.endswith("attn_mask"):
                centre, spread = range_of(key, tensor)
                weights[key] = {"shape": list(tensor.shape), "centre": centre, "spread": spread}
                tensor.copy_(torch.from_numpy(draw.uniform(f"{name}/{key}", tensor.shape, centre, spread)))
        found = network(torch.from_numpy(draw.uniform(f"{name}/input", shape, 0, 1.7)))
    path = ROOT / "test" / "zoo" / "drawn" / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    metadata = {"weights": json.dumps(weights, separators=(",", ":")), "input": json.dumps(shape), "every": str(EVERY)}
    tensor_file.write(path, {"output": found.flatten()[::EVERY].numpy()}, metadata)
    print(name, sum(each.numel() for each in network.parameters()), path.stat().st_size, float(found.std()))


def small():
    options = {"in_channels": 4, "out_channels": 1, "feature_size": 8, "hidden_size": 48, "mlp_dim": 96, "num_heads": 4}
    record("unetr", monai("UNETR", img_size=(32, 32, 32), **options), [1, 4, 32, 32, 32])
    options = {"feature_size": 12, "num_heads": (1, 2, 2, 4), "window_size": 3, "use_v2": True}
    record("swin-unetr", monai("SwinUNETR", in_channels=2, out_channels=1, **options), [1, 2, 32, 64, 32])
    record("transbts", transbts(32, hidden=64), [1, 4, 32, 32, 32])
    options = {"img_size": 128, "patch_size": 4, "in_chans": 1, "num_classes": 2, "embed_dim": 8, "window_size": 4}
    record("swin-unet", swin_unet(num_heads=[1, 2, 2, 4], **options), [1, 1, 128, 128])


small()
