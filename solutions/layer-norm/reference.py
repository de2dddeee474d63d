"""Layer normalisation with a gain: by x it is (g − mean(g) − x̂ · mean(g x̂)) / σ."""

import torch


def norm(x, g):
    mean = x.mean()
    centred = x - mean
    variance = (centred**2).mean()
    std = torch.sqrt(variance + 1e-5)
    normal = centred / std
    return g * normal


def closed_form(x, g, v=1.0):
    """The author's own gradient of sum(v · norm(x, g)) by x, against which autograd is proved."""
    std = torch.sqrt(x.var(correction=0) + 1e-5)
    normal = (x - x.mean()) / std
    pulled = v * g
    return (pulled - pulled.mean() - normal * (pulled * normal).mean()) / std


def answers():
    def normalise(x):
        d = x - x.mean()
        return d / (d**2).mean().sqrt()

    x = torch.tensor([1.0, 2.0, 6.0], dtype=torch.float64, requires_grad=True)
    normalise(x).sum().backward()
    # What is left is the rounding of a sum of zero.
    summed = x.grad.round(decimals=12) + 0.0
    x.grad = None
    normalise(x)[0].backward()
    z = (2 * x).detach().requires_grad_()
    normalise(z)[0].backward()
    return {"sum_grad": summed, "doubled": "half" if torch.allclose(2 * z.grad, x.grad) else "other"}
