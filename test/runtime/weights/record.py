"""Writes the small files of PyTorch and NumPy that the tests of the readers use.

Run with Debian's PyTorch: /usr/bin/python3 test/runtime/weights/record.py. Every tensor holds 1, 2, 3, ... so that the
tests know its values without a second reader.
"""

import collections
import os
import pickle
import sys
import zipfile

import numpy as np
import torch

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")


def count(*shape, dtype=torch.float32):
    return torch.arange(1, 1 + int(np.prod(shape)), dtype=torch.float32).reshape(shape).to(dtype)


def at(name):
    return os.path.join(folder, name)


def types():
    return {
        "float64": count(2, 3, dtype=torch.float64),
        "float32": count(2, 3),
        "float16": count(2, 3, dtype=torch.float16),
        "bfloat16": count(2, 3, dtype=torch.bfloat16),
        "int64": count(2, 3, dtype=torch.int64),
        "int32": count(2, 3, dtype=torch.int32),
        "int16": count(2, 3, dtype=torch.int16),
        "int8": count(2, 3, dtype=torch.int8),
        "uint8": count(2, 3, dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "scalar": torch.tensor(7.0),
        "empty": torch.zeros(0, 4),
    }


def views():
    """Views that share one storage: transposed, sliced, strided, broadcast."""
    base = count(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "part": base[1:3, 2:5],
        "every_second": base[:, ::2],
        "broadcast": base[0, :1].expand(3, 2),
        "channels_last": count(1, 2, 3, 2).contiguous(memory_format=torch.channels_last),
    }


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv3d(1, 2, 3, bias=False)
        self.norm = torch.nn.BatchNorm3d(2)
        self.head = torch.nn.Conv3d(2, 2, 1)


def seeded(net):
    with torch.no_grad():
        for tensor in net.state_dict().values():
            tensor.copy_(count(*tensor.shape, dtype=tensor.dtype) if tensor.dim() else tensor)
    return net


def nnunet():
    """A checkpoint as nnU-Net v2 saves it (nnUNetTrainer.save_checkpoint), after a step of its optimiser."""
    net = seeded(Net())
    optimizer = torch.optim.SGD(net.parameters(), 1e-2, momentum=0.99, nesterov=True, weight_decay=3e-5)
    sum(parameter.sum() for parameter in net.parameters()).backward()
    optimizer.step()
    seeded(net)
    epochs = [np.float64(0.5), np.float32(0.25)]
    return {
        "network_weights": net.state_dict(),
        "optimizer_state": optimizer.state_dict(),
        "grad_scaler_state": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 3},
        "logging": {
            "mean_fg_dice": epochs,
            "dice_per_class_or_region": [[np.float64(0.5), np.float64(0.75)]],
            "train_losses": epochs,
            "epoch_start_timestamps": [1.5, 2.5],
        },
        "_best_ema": np.float64(0.5),
        "current_epoch": 1,
        "init_args": {
            "plans": {"plans_name": "nnUNetPlans", "original_median_spacing_after_transp": [1.0, 1.0, 1.0]},
            "configuration": "3d_fullres",
            "fold": 0,
            "dataset_json": {"channel_names": {"0": "T1"}, "labels": {"background": 0, "tumour": 1}},
            "unpack_dataset": True,
            "device": torch.device("cpu"),
            "seeds": np.array([1, 2, 3]),
        },
        "trainer_name": "nnUNetTrainer",
        "inference_allowed_mirroring_axes": (0, 1, 2),
    }


class Evil:
    def __reduce__(self):
        return (os.system, ("touch /tmp/unet-was-here",))


def big_endian(path):
    """The archive as a big-endian machine writes it since PyTorch 2.1: an entry says so."""
    torch.save({"a": count(2, 2)}, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(archive.namelist()[0].split("/")[0] + "/byteorder", "big")


def big_endian_legacy(path):
    """The older format as a big-endian machine writes it: its third pickle says so."""
    torch.save({"a": count(2, 2), "b": count(3)}, path, _use_new_zipfile_serialization=False)
    content = open(path, "rb").read()
    with open(path, "wb") as file:
        place = content.index(b"little_endian")
        file.write(content[:place] + content[place:].replace(b"\x88", b"\x89", 1))


os.makedirs(folder, exist_ok=True)
torch.manual_seed(1)
torch.save(types(), at("types.pt"))
torch.save(types(), at("types-legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(views(), at("views.pt"))
torch.save(views(), at("views-legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(nnunet(), at("nnunet.pth"))
torch.save({"epoch": 3, "model_state_dict": {f"module._orig_mod.{k}": v for k, v in seeded(Net()).state_dict().items()}}, at("wrapped.pt"))
torch.save({"weight": torch.nn.Parameter(count(2, 2)), "other": torch.nn.Parameter(count(2), requires_grad=False)}, at("parameters.pt"))
torch.save({"a": count(2), "real": torch.tensor([1 + 2j])}, at("complex.pt"))
torch.save({"evil": Evil()}, at("evil.pt"))
torch.save({"evil": Evil()}, at("evil-legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(seeded(Net()), at("whole-model.pt"))
for protocol in range(6):
    # A pickle alone, by each protocol, is what the machine of pickles is tested with.
    value = [None, True, False, 1, -1, 255, 65536, -(2**31), 2**40, 2**70, -(2**70), 0.5, -1e300, "text", "ü", b"\x00\xff",
             (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), {"a": [1, {"b": 2}]}, {1, 2}, frozenset([3]), collections.OrderedDict([("k", "v")]),
             collections.defaultdict(list, {"d": [1]}), bytearray(b"ab"), np.arange(3, dtype=np.float32), np.float64(2.5)]
    value.append(value[-2])
    with open(at(f"protocol{protocol}.pkl"), "wb") as file:
        pickle.dump(value, file, protocol=protocol)
big_endian(at("big-endian.pt"))
big_endian_legacy(at("big-endian-legacy.pt"))
arrays = {"plain": np.arange(1, 7, dtype=np.float32).reshape(2, 3), "fortran": np.asfortranarray(np.arange(1, 7, dtype=np.float64).reshape(2, 3)),
          "half": np.arange(1, 4, dtype=np.float16), "scalar": np.float32(7), "int": np.arange(1, 4)}
np.savez(at("plain.npz"), **arrays)
np.savez_compressed(at("packed.npz"), **arrays)
np.savez(at("foreign.npz"), big=np.arange(3, dtype=">f4"), objects=np.array([{"a": 1}], dtype=object))
print(sum(os.path.getsize(at(name)) for name in os.listdir(folder)), "bytes;", "torch", torch.__version__, "numpy", np.__version__, sys.version_info[:2])
