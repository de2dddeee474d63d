"""Section 2.5.4: f is piecewise linear through the origin, so its gradient is f(a) / a."""


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def branch(a):
    return "positive" if a.sum() > 0 else "negative"


def closed_form(a):
    """The author's own gradient of sum(f(a)) by a, against which autograd is proved."""
    return f(a) / a


def answers():
    import torch

    equal = True
    for value in (0.3, 1.5, 700.0, -0.02, -2.0, -600.0):
        a = torch.tensor(value, dtype=torch.float64, requires_grad=True)
        d = f(a)
        (gradient,) = torch.autograd.grad(d, a)
        equal = equal and bool(torch.isclose(gradient, (d / a).detach(), rtol=1e-9))
    return {"ratio": equal}
