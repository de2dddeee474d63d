"""ln(x²)·sin x + 1/x, its derivative carried forward and back through a, b, c, d, e."""

import torch


def steps(x):
    a = x**2
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    return {"a": a, "b": b, "c": c, "d": d, "e": e, "y": d + e}


def f(x):
    return steps(x)["y"]


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 2 / x * torch.sin(x) + torch.log(x * x) * torch.cos(x) - 1 / x**2


def answers():
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    made = steps(x)
    tangents = [torch.autograd.grad(made[name], x, retain_graph=True)[0] for name in "abcdey"]
    behind = [made[name] for name in "edcba"] + [x]
    adjoints = torch.autograd.grad(made["y"], behind)
    return {"tangents": torch.stack(tangents), "adjoints": torch.stack(adjoints)}
