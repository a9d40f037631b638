"""The four baselines of DALight-3D's release, from the layer tables: their level blocks on one U.

Standard (Cicek et al. 2016), Attention (Oktay et al. 2018) and Residual U-Net (after Zhang et al. 2018), V-Net
(Milletari et al. 2016). A convolution k3 has no bias and a group norm after it.
"""
import torch
import torch.nn.functional as F

from layers import Scope, conv, doubling, group_norm


def u(weight, x, width, level, down, up, join):
    """Three levels, a bottleneck, three levels back. Blocks take (scope, x, out channels)."""
    root = Scope(weight)
    widths = [width * 2**index for index in range(4)]
    skips = []
    for index in range(3):
        x = level(root.at(f"enc{index + 1}"), x, widths[index], index)
        skips.append(x)
        x = down(root.at(f"down{index + 1}"), x)
    x = level(root.at("bottleneck"), x, widths[3], 3)
    for index in (2, 1, 0):
        skip = skips[index]
        x = up(root.at(f"up{index + 1}"), x, widths[index])
        x = torch.cat([x, join(root.at(f"att{index + 1}"), skip, x)], 1)
        x = level(root.at(f"dec{index + 1}"), x, widths[index], index)
    return conv(root.at("final"), x, 4, 1)


def max_pool(_, x):
    return F.max_pool3d(x, 2)


def as_it_is(_, skip, __):
    return skip


def two_convs(scope, x, out, _):
    for first, second in (("0", "1"), ("3", "4")):
        x = F.relu(group_norm(scope.at(second), conv(scope.at(first), x, out, 3, bias=False)))
    return x


def attention_gate(scope, skip, up):
    inner = skip.shape[1] // 2
    mixed = conv(scope.at("g"), up, inner, 1, bias=False) + conv(scope.at("x"), skip, inner, 1, bias=False)
    return skip * torch.sigmoid(conv(scope.at("psi.0"), F.relu(mixed), 1, 1, bias=False))


def side_path(scope, x, out):
    """The input where channels match, else a convolution k1."""
    return x if x.shape[1] == out else conv(scope, x, out, 1, bias=False)


def residual(scope, x, out, _):
    main = F.relu(group_norm(scope.at("conv.1"), conv(scope.at("conv.0"), x, out, 3, bias=False)))
    main = group_norm(scope.at("conv.4"), conv(scope.at("conv.3"), main, out, 3, bias=False))
    return F.relu(main + side_path(scope.at("skip"), x, out))


def prelu(scope, x):
    return F.prelu(x, scope("weight", x.shape[1]))


def vnet_level(scope, x, out, index):
    """1, 2, 2 and, in the bottleneck, 3 convolutions."""
    main = x
    for each in range([1, 2, 2, 3][index]):
        first, norm, act = (scope.at(f"block.{3 * each + part}") for part in range(3))
        main = prelu(act, group_norm(norm, conv(first, main, out, 3, bias=False)))
    return prelu(scope.at("act"), main + side_path(scope.at("skip"), x, out))


def halving(scope, x):
    """Convolution k2 s2 without bias, to twice the channels."""
    channels = x.shape[1]
    return F.conv3d(x, scope("weight", 2 * channels, channels, 2, 2, 2), None, 2)


def doubling_without_bias(scope, x, out):
    return F.conv_transpose3d(x, scope("weight", x.shape[1], out, 2, 2, 2), None, 2)


def unet3d(weight, x, width):
    """Logits [N, 4, D, H, W], as of all that follow."""
    return u(weight, x, width, two_convs, max_pool, doubling, as_it_is)


def attentionunet3d(weight, x, width):
    return u(weight, x, width, two_convs, max_pool, doubling, attention_gate)


def resunet3d(weight, x, width):
    return u(weight, x, width, residual, max_pool, doubling, as_it_is)


def vnet3d(weight, x, width):
    return u(weight, x, width, vnet_level, halving, doubling_without_bias, as_it_is)
