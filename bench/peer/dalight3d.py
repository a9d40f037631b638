"""DALight-3D (arXiv:2605.04518) in evaluation mode, from the paper's layer tables, by the names of the authors' release."""
import math

import torch
import torch.nn.functional as F

from layers import GROUPS, Scope, conv, doubling, group_norm, linear, volume


def separable(scope, x, out):
    x = conv(scope.at("depthwise"), x, x.shape[1], 3, bias=False, groups=x.shape[1])
    return conv(scope.at("pointwise"), x, out, 1, bias=False)


def identifier_norm(scope, x, identifiers):
    """`identifiers`: one integer a case, -1 for a case without one."""
    channels = x.shape[1]
    given = [
        scope("scanner_gamma.weight", 8, channels),
        scope("scanner_beta.weight", 8, channels),
    ]
    default = [scope("default_gamma", channels), scope("default_beta", channels)]
    scale, shift = (
        torch.stack([table[i] if i >= 0 else absent for i in identifiers]) for table, absent in zip(given, default)
    )
    return F.group_norm(x, GROUPS, eps=1e-5) * volume(scale) + volume(shift)


def gate(scope, means, hidden, out):
    """Linear, GELU, linear, sigmoid."""
    return torch.sigmoid(linear(scope.at("fc.2"), F.gelu(linear(scope.at("fc.0"), means, hidden)), out))


def squeeze_excite(scope, x):
    channels = x.shape[1]
    return x * volume(gate(scope, x.mean((2, 3, 4)), channels // 4, channels))


def slice_attention(scope, x):
    channels = x.shape[1]
    inner = max(channels // 4, 8)
    profile = x.mean((3, 4))

    def projected(name, out):
        return F.conv1d(profile, scope(f"{name}.weight", out, channels, 1), scope(f"{name}.bias", out))

    query, key, value = projected("query", inner), projected("key", inner), projected("value", channels)
    attention = torch.softmax(query.transpose(1, 2) @ key / math.sqrt(inner), -1)
    return x + (value @ attention)[:, :, :, None, None]


def light(scope, x, out, identifiers, standard=False, csa=False):
    def mix(name, y):
        if standard:
            return conv(scope.at(name), y, out, 3, bias=False)
        return separable(scope.at(name), y, out)

    main = F.gelu(identifier_norm(scope.at("norm1"), mix("conv1", x), identifiers))
    main = identifier_norm(scope.at("norm2"), mix("conv2", main), identifiers)
    main = squeeze_excite(scope.at("se"), main)
    if csa:
        main = slice_attention(scope.at("attention"), main)
    same = x.shape[1] == out
    side = x if same else group_norm(scope.at("skip.1"), conv(scope.at("skip.0"), x, out, 1, bias=False))
    return F.gelu(main + side)


def plain_fusion(scope, skip, up, out):
    joined = conv(scope.at("conv.0"), torch.cat([skip, up], 1), out, 3, bias=False)
    return F.gelu(group_norm(scope.at("conv.1"), joined))


def low_rank_attention(scope, up, skip, rank):
    def rows(name, x, out):
        return conv(scope.at(name), x, out, 1).flatten(2)

    query = torch.softmax(rows("query_proj", up, rank) / math.sqrt(rank), 2)
    key = torch.softmax(rows("key_proj", skip, rank) / math.sqrt(rank), 1)
    value = rows("value_proj", skip, skip.shape[1])
    context = key @ value.transpose(1, 2)
    attention = (query.transpose(1, 2) @ context).transpose(1, 2).reshape(skip.shape)
    return conv(scope.at("out_proj"), attention, up.shape[1], 1)


def selective_fusion(scope, skip, up, out, rank):
    """SSFB where both tensors have `out` channels already."""
    attention = low_rank_attention(scope.at("low_rank_attn"), up, skip, rank)
    means = torch.cat([up.mean((2, 3, 4)), skip.mean((2, 3, 4))], 1)
    gated = skip * volume(gate(scope.at("channel_gate"), means, max(out // 4, 8), out))
    blend = torch.sigmoid(scope("alpha", 1))
    mixed = blend * attention + (1 - blend) * gated
    joined = conv(scope.at("fusion.0"), torch.cat([up, mixed], 1), out, 3, bias=False)
    return F.gelu(group_norm(scope.at("fusion.1"), joined))


def dalight3d(weight, x, identifiers, width, neck, rank):
    """Logits [N, 4, D, H, W]; `identifiers` is one integer a case, -1 for none."""
    root = Scope(weight)
    encoder, decoder = root.at("encoder"), root.at("decoder")
    widths = [width, 2 * width, 4 * width, neck]
    x = F.gelu(group_norm(encoder.at("init_conv.1"), conv(encoder.at("init_conv.0"), x, width, 3, bias=False)))
    skips = []
    for level, out in enumerate(widths):
        x = light(encoder.at(f"stages.{level}"), x, out, identifiers, standard=level == 0, csa=level >= 2)
        if level < 3:
            skips.append(x)
            x = conv(encoder.at(f"downsamples.{level}"), x, out, 3, stride=2)
    for index in range(3):
        skip = skips[2 - index]
        out = skip.shape[1]
        x = doubling(decoder.at(f"upsamples.{index}"), x, out)
        if x.shape[2:] != skip.shape[2:]:
            x = F.interpolate(x, skip.shape[2:], mode="trilinear", align_corners=False)
        fusion = decoder.at(f"skip_fusions.{index}")
        x = plain_fusion(fusion, skip, x, out) if index == 0 else selective_fusion(fusion, skip, x, out, rank)
        x = light(decoder.at(f"stages.{index}"), x, out, identifiers)
    head = root.at("head.head")
    x = F.gelu(group_norm(head.at("1"), conv(head.at("0"), x, 64, 3, bias=False)))
    return conv(head.at("3"), x, 4, 1)
