#: score = 1
#: value = "failed author:not-squared"
#: gradient = "failed missing-factor"
#: prediction = "failed author:length-skipped"
#: w-grad = "failed author:length-skipped"
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad((w * x**2).sum(), x, create_graph=True)
    return slope.norm() - 1


def grad_w(w, x):
    n = (2 * w * x).norm()
    return 2 * (n - 1) * 2 * x


PREDICTIONS = {"w_grad": [24, 32], "without_graph": "raises"}
