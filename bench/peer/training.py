"""Gradients and AdamW steps of a network given as a function of its weights."""
import torch

from loss import loss


def gradients(forward, weights, target):
    """The loss and the gradient by name; zeros where the loss does not depend on a weight."""
    for tensor in weights.values():
        tensor.grad = None
    value = loss(forward(weights), target)
    value.backward()
    found = {name: torch.zeros_like(w) if w.grad is None else w.grad.clone() for name, w in weights.items()}
    return value.item(), found


def adamw(weights, lr, weight_decay):
    return torch.optim.AdamW(list(weights.values()), lr, (0.9, 0.999), 1e-8, weight_decay)


def train_step(forward, weights, optimizer, target, clip_norm):
    """One step: the loss before it, and the norm before clipping. Weights the loss does not need stay."""
    optimizer.zero_grad(set_to_none=True)
    value = loss(forward(weights), target)
    value.backward()
    norm = torch.nn.utils.clip_grad_norm_(list(weights.values()), clip_norm)
    optimizer.step()
    return value.item(), float(norm)


def train(forward, weights, target, steps, lr, weight_decay, clip_norm):
    """Losses before and after each step, and the norms before clipping."""
    optimizer = adamw(weights, lr, weight_decay)
    losses, norms = [], []
    for _ in range(steps):
        value, norm = train_step(forward, weights, optimizer, target, clip_norm)
        losses.append(value)
        norms.append(norm)
    with torch.no_grad():
        losses.append(loss(forward(weights), target).item())
    return losses, norms
