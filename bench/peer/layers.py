"""What the networks share. Tensors are [N, C, D, H, W].

A network is a function that asks `weight(name, *shape)` for its parameters in the order of use: whoever calls it makes
them, looks them up or counts them.
"""
import torch.nn.functional as F

GROUPS = 8


class Scope:
    """Asks for weights under a prefix."""

    def __init__(self, weight, prefix=""):
        self.weight = weight
        self.prefix = prefix

    def __call__(self, name, *shape):
        return self.weight(self.prefix + name, *shape)

    def at(self, name):
        return Scope(self.weight, f"{self.prefix}{name}.")


def conv(scope, x, out, kernel, stride=1, bias=True, groups=1):
    weight = scope("weight", out, x.shape[1] // groups, *[kernel] * 3)
    shift = scope("bias", out) if bias else None
    return F.conv3d(x, weight, shift, stride, kernel // 2, 1, groups)


def doubling(scope, x, out):
    """Transposed convolution k2 s2 with bias."""
    return F.conv_transpose3d(x, scope("weight", x.shape[1], out, 2, 2, 2), scope("bias", out), 2)


def group_norm(scope, x):
    channels = x.shape[1]
    return F.group_norm(x, GROUPS, scope("weight", channels), scope("bias", channels), 1e-5)


def linear(scope, x, out):
    return F.linear(x, scope("weight", out, x.shape[1]), scope("bias", out))


def volume(x):
    """[N, C] for every voxel."""
    return x[:, :, None, None, None]
