"""The peer: a PyTorch DataLoader with two workers that loads the patches it is told to, normalises and augments them.

Reads commands as JSON lines on standard input: {"prepared": folder or null, "warmup": n, "orders": [...]}; answers each
with {"seconds": per image, "sums": [...]}. Not prepared, a case's NIfTI files are read with nibabel at each use, as the
DALight-3D release does; prepared, its normalised foreground box lies in the folder as float32 .npy that is mapped into
memory, as nnU-Net does.
"""
import hashlib
import json
import os
import sys
import time

import nibabel
import numpy
import torch
from torch.utils.data import DataLoader, Dataset


def read_volume(path):
    """As stored, [c, z, y, x]."""
    data = numpy.asanyarray(nibabel.load(path).dataobj)
    return data[..., None].transpose(3, 2, 1, 0) if data.ndim == 3 else data.transpose(3, 2, 1, 0)


def normalise(image):
    """Z-score over the voxels of each channel that are not 0, which stay 0."""
    out = numpy.zeros(image.shape, numpy.float32)
    for channel, voxels in enumerate(image):
        held = voxels != 0
        values = voxels[held].astype(numpy.float32)
        if values.size > 0 and values.std() > 1e-8:
            out[channel][held] = (values - values.mean()) / values.std()
    return out


def prepare(order, folder):
    name = os.path.join(folder, hashlib.sha256(order["image"].encode()).hexdigest()[:16])
    if not os.path.exists(name + ".json"):
        image, label = read_volume(order["image"]), read_volume(order["label"])[0]
        held = (image != 0).any(0) | (label != 0)
        corners = [numpy.flatnonzero(held.any(tuple(a for a in range(3) if a != axis)))[[0, -1]] for axis in range(3)]
        box = tuple(slice(first, last + 1) for first, last in corners)
        numpy.save(name + ".image.npy", normalise(image)[(slice(None), *box)])
        numpy.save(name + ".label.npy", label[box].astype(numpy.uint8))
        with open(name + ".json", "w") as file:
            json.dump([int(each.start) for each in box], file)
    return name


def cut(volume, corner, order):
    """The box of an order from a volume [..., z, y, x] whose first voxel is at `corner`; 0 outside."""
    out = numpy.zeros((*volume.shape[:-3], *order["size"]), volume.dtype)
    source, target = [], []
    for axis in range(3):
        start = order["origin"][axis] - corner[axis]
        first, last = max(0, start), min(volume.shape[axis - 3], start + order["size"][axis])
        if first >= last:
            return out
        source.append(slice(first, last))
        target.append(slice(first - start, last - start))
    out[(..., *target)] = volume[(..., *source)]
    return out


def augment(image, label, random):
    for axis in range(3):
        if random.random() < 0.5:
            image, label = numpy.flip(image, axis + 1), numpy.flip(label, axis)
    image = image * numpy.float32(random.uniform(0.9, 1.1)) + numpy.float32(random.uniform(-0.1, 0.1))
    image += numpy.float32(0.05) * random.standard_normal(image.shape, dtype=numpy.float32)
    return image, label


class Patches(Dataset):
    def __init__(self, orders, prepared):
        self.orders, self.prepared = orders, prepared

    def __len__(self):
        return len(self.orders)

    def __getitem__(self, index):
        order = self.orders[index]
        if self.prepared is None:
            image, label = normalise(read_volume(order["image"])), read_volume(order["label"])[0]
            corner = (0, 0, 0)
        else:
            name = prepare(order, self.prepared)
            image = numpy.load(name + ".image.npy", mmap_mode="r")
            label = numpy.load(name + ".label.npy", mmap_mode="r")
            with open(name + ".json") as file:
                corner = json.load(file)
        image, label = cut(image, corner, order), cut(label, corner, order)
        sums = numpy.abs(image).sum((1, 2, 3), dtype=numpy.float64)
        image, label = augment(image, label, numpy.random.default_rng(index))
        return torch.from_numpy(numpy.ascontiguousarray(image)), torch.from_numpy(label.astype(numpy.int64)), sums


def run(command):
    if command["prepared"] is not None:
        for order in command["orders"]:
            prepare(order, command["prepared"])
    loader = DataLoader(Patches(command["orders"], command["prepared"]), batch_size=1, num_workers=2)
    sums, begun = [], 0.0
    for index, batch in enumerate(loader):
        if index == command["warmup"] - 1:
            begun = time.perf_counter()
        sums.append(batch[2][0].tolist())
    seconds = time.perf_counter() - begun
    return {"seconds": seconds / (len(command["orders"]) - command["warmup"]), "sums": sums}


torch.set_num_threads(1)
print(json.dumps({"name": f"PyTorch {torch.__version__} DataLoader, 2 workers"}), flush=True)
for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
