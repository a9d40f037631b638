"""The peer's networks by name, and their parameters at the published width."""
import torch

from baselines import attentionunet3d, resunet3d, unet3d, vnet3d
from dalight3d import dalight3d


def without_identifier(network):
    return lambda weight, x, _, width: network(weight, x, width)


# Each takes (weight, x, identifiers, width).
NETWORKS = {
    "dalight3d": lambda weight, x, identifiers, width: dalight3d(weight, x, identifiers, width, 18 * width, 8),
    "unet3d": without_identifier(unet3d),
    "attentionunet3d": without_identifier(attentionunet3d),
    "resunet3d": without_identifier(resunet3d),
    "vnet3d": without_identifier(vnet3d),
}

PUBLISHED_WIDTH = 24
PUBLISHED = {
    "dalight3d": 2_219_074,
    "unet3d": 3_153_388,
    "attentionunet3d": 3_165_568,
    "resunet3d": 3_201_868,
    "vnet3d": 4_990_468,
}


def count(name, width):
    """Parameters of a network, found by running it once on a small volume of nothing."""
    shapes = {}

    def weight(own, *shape):
        shapes[own] = shape
        return torch.zeros(shape)

    with torch.no_grad():
        NETWORKS[name](weight, torch.zeros(1, 4, 8, 8, 8), [0], width)
    return sum(torch.Size(shape).numel() for shape in shapes.values())


def assert_counts():
    for name, published in PUBLISHED.items():
        found = count(name, PUBLISHED_WIDTH)
        if found != published:
            raise AssertionError(f"{name} has {found} parameters, and the layer tables give {published}")
