"""y³ + y = x: from (3y² + 1) dy = dx the slope of the solution is 1 / (3y² + 1), however y was found."""

import torch


def solve(x):
    """The real root in closed form (Viète): y = 2/√3 · sinh(arsinh(3√3/2 · x) / 3)."""
    c = 3**0.5
    return 2 / c * torch.sinh(torch.asinh(1.5 * c * x) / 3)


def root(x):
    with torch.no_grad():
        y = solve(x)
    residual = y**3 + y - x
    slope = 3 * y**2 + 1
    return y - residual / slope


def closed_form(x):
    """The author's own gradient of sum(root(x)), against which autograd is proved."""
    return 1 / (3 * solve(x) ** 2 + 1)


def answers():
    x = torch.tensor([2.0, 10.0], dtype=torch.float64, requires_grad=True)
    root(x).sum().backward()
    with torch.no_grad():
        y = solve(x)
    try:
        y.sum().backward()
    except RuntimeError:
        return {"x_grad": x.grad, "without_step": "raises"}
    return {"x_grad": x.grad, "without_step": "other"}
