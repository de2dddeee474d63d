"""(x³)″ = 6x, and a gradient without a graph that cannot be differentiated."""

import torch


def f(x):
    return x**3


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 3 * x**2


def answers():
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    (h,) = torch.autograd.grad(g, x)
    (bare,) = torch.autograd.grad(f(x), x)
    try:
        (last,) = torch.autograd.grad(bare, x)
    except RuntimeError:
        return {"without_graph": "raises"}
    if last == 0:
        return {"without_graph": "zero"}
    return {"without_graph": "second" if last == h else "first"}
