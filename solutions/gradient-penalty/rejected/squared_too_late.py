#: score = 4
#: value = "failed"
#: gradient = "failed"
#: w-grad = "failed"
# 长度写成了各分量之和
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad((w * x**2).sum(), x, create_graph=True)
    return (slope.sum() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return 4 * (n - 1) / n * slope * x


PREDICTIONS = {"w_grad": [36, 48], "without_graph": "raises"}
