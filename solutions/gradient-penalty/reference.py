"""The penalty (‖s‖ − 1)², s = 2wx the slope of D = Σ wᵢ xᵢ² by x: by w it is 2 (‖s‖ − 1) · sᵢ / ‖s‖ · 2xᵢ."""

import torch


def penalty(w, x):
    # What torch.autograd.grad(D, x, create_graph=True) gives, as a formula, so that each step has a name.
    slope = 2 * w * x
    length = torch.sqrt((slope**2).sum())
    excess = length - 1
    return excess**2


def closed_form(w, x):
    """The author's own gradient of the penalty by w, against which autograd is proved."""
    length = 2 * ((w * x) ** 2).sum() ** 0.5
    return 8 * (length - 1) * w * x**2 / length


def answers():
    def train(create_graph):
        w = torch.tensor([1.0, 1.0], requires_grad=True)
        x = torch.tensor([1.5, 2.0], requires_grad=True)
        d = (w * x**2).sum()
        (slope,) = torch.autograd.grad(d, x, create_graph=create_graph)
        ((slope.norm() - 1) ** 2).backward()
        return w.grad

    truths = {"w_grad": train(True), "without_graph": "other"}
    try:
        train(False)
    except RuntimeError:
        truths["without_graph"] = "raises"
    return truths
