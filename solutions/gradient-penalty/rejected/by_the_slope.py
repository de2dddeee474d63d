#: score = 6
#: prediction = "failed author:by-the-slope"
#: w-grad = "failed author:by-the-slope"
# 到斜率为止，没有继续传到 w
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x, create_graph=True)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return 2 * (n - 1) * slope / n


PREDICTIONS = {"w_grad": [4.8, 6.4], "without_graph": "raises"}
