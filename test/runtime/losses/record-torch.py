"""Records losses and gradients computed by PyTorch: `/usr/bin/python3 record-torch.py > torch-losses.json`.

Cross entropies are those of torch.nn.functional; the others are written here from their formulas, with autograd.
"""
import json

import torch
import torch.nn.functional as F

torch.manual_seed(7)
N, C, V = 2, 3, 12
logits = (2 * torch.randn(N, C, V, dtype=torch.float64)).float().double()
labels = torch.randint(0, C, (N, V))
regions = torch.randint(0, 2, (N, C, V)).double()
ignored = torch.zeros(N, V, dtype=torch.bool)
ignored[:, ::3] = True
weights = torch.tensor([0.5, 2, 1.25], dtype=torch.float64)
onehot = F.one_hot(labels, C).movedim(-1, 1).double()


def sums(p, t, keep, batch):
    axes = (0, 2) if batch else (2,)
    p, t = p * keep, t * keep
    return [x.sum(axes) for x in (p * t, p, p * p, t)]


def dice(p, t, keep, batch, squares, first):
    both, plain, squared, target = sums(p, t, keep, batch)
    score = (2 * both + 1) / ((squared if squares else plain) + target + 1)
    return 1 - score[..., first:].mean()


def tversky(p, t, keep, alpha, beta):
    both, plain, _, target = sums(p, t, keep, False)
    return 1 - ((both + 1) / (both + alpha * (plain - both) + beta * (target - both) + 1)).mean()


def generalized(p, t, keep):
    both, plain, _, target = sums(p, t, keep, False)
    w = 1 / target**2
    return 1 - ((2 * (w * both).sum(-1) + 1) / ((w * (plain + target)).sum(-1) + 1)).mean()


def focal(x, gamma):
    log = F.log_softmax(x, 1).gather(1, labels[:, None])[:, 0]
    w = weights[labels] * ~ignored
    return -(w * (1 - log.exp()) ** gamma * log).sum() / w.sum()


keep = (~ignored[:, None]).double()
hidden = labels.masked_fill(ignored, -100)
losses = {
    "cross_entropy": lambda x: F.cross_entropy(x, labels),
    "cross_entropy weights": lambda x: F.cross_entropy(x, labels, weights),
    "cross_entropy ignore": lambda x: F.cross_entropy(x, hidden, ignore_index=-100),
    "cross_entropy weights ignore": lambda x: F.cross_entropy(x, hidden, weights, ignore_index=-100),
    "focal weights ignore": lambda x: focal(x, 2),
    "dice batch squares ignore": lambda x: dice(x.softmax(1), onehot, keep, True, True, 1),
    "tversky ignore": lambda x: tversky(x.softmax(1), onehot, keep, 0.3, 0.7),
    "generalized_dice ignore": lambda x: generalized(x.softmax(1), onehot, keep),
    "regions cross_entropy weights": lambda x: (
        F.binary_cross_entropy_with_logits(x, regions, reduction="none") * weights[:, None]
    ).sum() / (weights.sum() * N * V),
    "regions dice ignore": lambda x: dice(x.sigmoid(), regions, keep, False, False, 0),
}
recorded = {}
for name, loss in losses.items():
    x = logits.clone().requires_grad_()
    value = loss(x)
    value.backward()
    recorded[name] = {"value": value.item(), "gradient": [round(g, 12) for g in x.grad.flatten().tolist()]}
json.dump(
    {
        "torch": torch.__version__,
        "shape": [N, C, V],
        "logits": logits.flatten().tolist(),
        "labels": labels.flatten().tolist(),
        "regions": regions.flatten().int().tolist(),
        "ignored": ignored.flatten().int().tolist(),
        "weights": weights.tolist(),
        "losses": recorded,
    },
    __import__("sys").stdout,
)
