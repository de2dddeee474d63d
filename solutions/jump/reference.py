"""A jump leaves no trace in the graph: the slope is that of the branch taken, which is 1 on either side."""

import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def branch(x):
    """No case holds a 1 and an entry below it, so that each mistake shows in cases of one kind."""
    if (x == 1).any():
        return "at-one"
    if (x < 1).all():
        return "below"
    return "above" if (x > 1).all() else "both-sides"


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return torch.ones_like(x)


def answers():
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    h = 1e-6
    with torch.no_grad():
        quotient = (f(x + h) - f(x - h)) / (2 * h)
    return {"at_one": x.grad, "quotient_agrees": bool(torch.isclose(quotient, x.grad, rtol=1e-3))}
