#: score = 6
#: prediction = "failed author:length-not-divided"
#: w-grad = "failed author:length-not-divided"
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x, create_graph=True)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    return 2 * (slope.norm() - 1) * slope * 2 * x


PREDICTIONS = {"w_grad": [72, 128], "without_graph": "raises"}
