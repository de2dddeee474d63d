#: score = 6
#: prediction = "failed author:by-the-input"
#: w-grad = "failed author:by-the-input"
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x, create_graph=True)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return 2 * (n - 1) * slope / n * 2 * w


PREDICTIONS = {"w_grad": [9.6, 12.8], "without_graph": "raises"}
