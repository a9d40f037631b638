"""Gradients and AdamW steps of a network given as a function of its weights."""
import torch

from networks import loss


def gradients(forward, weights, target):
    """The loss and the gradient by name; zeros where the loss does not depend on a weight."""
    for tensor in weights.values():
        tensor.grad = None
    value = loss(forward(weights), target)
    value.backward()
    found = {name: torch.zeros_like(w) if w.grad is None else w.grad.clone() for name, w in weights.items()}
    return value.item(), found


def train(forward, weights, target, steps, lr, weight_decay, clip_norm):
    """Losses before and after each step, and the norms before clipping. Weights the loss does not need stay."""
    optimizer = torch.optim.AdamW(list(weights.values()), lr, (0.9, 0.999), 1e-8, weight_decay)
    losses, norms = [], []
    for _ in range(steps):
        optimizer.zero_grad(set_to_none=True)
        value = loss(forward(weights), target)
        value.backward()
        losses.append(value.item())
        norms.append(float(torch.nn.utils.clip_grad_norm_(list(weights.values()), clip_norm)))
        optimizer.step()
    with torch.no_grad():
        losses.append(loss(forward(weights), target).item())
    return losses, norms
