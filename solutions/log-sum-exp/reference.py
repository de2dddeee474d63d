"""f = log Σ exp(x), made stable by taking out the largest entry; its gradient is softmax(x)."""

import torch


def f(x):
    # Spelt out as in the prompt, so that the graph has both places of m.
    m = x.max()
    rest = torch.log(torch.exp(x - m).sum())
    return m + rest


def closed_form(x):
    """The author's own gradient of f by x, against which autograd is proved."""
    shifted = torch.exp(x - x.max())
    return shifted / shifted.sum()


def answers():
    x = torch.tensor([1000.0, 0.0], requires_grad=True)
    y = x.exp().sum().log()
    y.backward()
    return {"naive_y": y.detach(), "naive_grad": x.grad}
