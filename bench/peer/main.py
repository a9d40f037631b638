"""One side of a benchmark: PyTorch, driven by lines of JSON on standard input, one answer a line on standard output.

{"do": "threads", "count"}            how many threads compute
{"do": "build", "network", "width", "weights", "identifiers"?}     weights: a safetensors file under the release's names
{"do": "batch", "file"}               `scan` [N, 4, D, H, W] and `target` [N, D, H, W] of a safetensors file
{"do": "step", "count"}               training steps on the batch
{"do": "predict", "volume", "shape", "patch", "overlap", "out"?}   a raw float32 file [4, D, H, W] by sliding window
{"do": "rss"}                         the process's peak of resident memory, null where the system does not tell

A command that fails answers {"error"}. The process ends with its input.
"""
import json
import platform
import signal
import sys
import time

import numpy
import torch

import tensor_file
from networks import NETWORKS, assert_counts
from sliding_window import sliding_window
from training import adamw, train_step

LABELS = 4
LR, WEIGHT_DECAY, CLIP_NORM = 5e-5, 1e-5, 1.0


class Session:
    """The network and the batch that commands work on."""

    def threads(self, count):
        torch.set_num_threads(count)
        return {"threads": torch.get_num_threads()}

    def build(self, network, width, weights, identifiers=(0,)):
        self.arrays = tensor_file.read(weights)
        self.tensors = {}
        self.network, self.width, self.identifiers = NETWORKS[network], width, list(identifiers)
        with torch.no_grad():
            self.network(self.take, torch.zeros(1, 4, 8, 8, 8), self.identifiers[:1], width)
        if self.arrays:
            raise ValueError(f"weights that {network} does not take: {sorted(self.arrays)}")
        self.optimizer = adamw(self.tensors, LR, WEIGHT_DECAY)
        return {"parameters": sum(tensor.numel() for tensor in self.tensors.values())}

    def take(self, name, *shape):
        """A weight when the network first asks for it; axes of size 1 may be written or not."""
        if name not in self.tensors:
            array = self.arrays.pop(name)
            if [size for size in array.shape if size != 1] != [size for size in shape if size != 1]:
                raise ValueError(f"{name} is {list(array.shape)}, and the network takes {list(shape)}")
            self.tensors[name] = torch.from_numpy(array.reshape(shape)).requires_grad_()
        return self.tensors[name]

    def forward(self, x):
        return self.network(lambda name, *shape: self.tensors[name], x, self.identifiers[: len(x)], self.width)

    def batch(self, file):
        arrays = tensor_file.read(file)
        self.scan = torch.from_numpy(arrays["scan"])
        self.target = torch.from_numpy(arrays["target"].astype(numpy.int64))
        return {}

    def step(self, count):
        seconds, losses = [], []
        for _ in range(count):
            start = time.perf_counter()
            value, _ = train_step(
                lambda _: self.forward(self.scan), self.tensors, self.optimizer, self.target, CLIP_NORM
            )
            seconds.append(time.perf_counter() - start)
            losses.append(value)
        return {"seconds": seconds, "losses": losses}

    def predict(self, volume, shape, patch, overlap, out=None):
        scan = torch.from_numpy(numpy.fromfile(volume, numpy.float32).reshape(shape))
        start = time.perf_counter()
        with torch.inference_mode():
            probabilities, windows = sliding_window(self.forward, scan, LABELS, patch, overlap)
        seconds = time.perf_counter() - start
        if out is not None:
            probabilities.numpy().tofile(out)
        return {"seconds": seconds, "windows": windows}

    def rss(self):
        try:
            with open("/proc/self/status") as status:
                peak = next(line for line in status if line.startswith("VmHWM:"))
        except FileNotFoundError:
            return {"bytes": None}
        return {"bytes": int(peak.split()[1]) * 1024}


def answer(session, line):
    command = json.loads(line)
    name = command.pop("do")
    if name not in ("threads", "build", "batch", "step", "predict", "rss"):
        raise ValueError(f"there is no command {name}")
    return getattr(session, name)(**command)


def main():
    # Ctrl-C, or a benchmark that is gone, ends the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    assert_counts()
    session = Session()
    print(json.dumps({"name": f"PyTorch {torch.__version__}", "python": platform.python_version()}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(session, line)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
