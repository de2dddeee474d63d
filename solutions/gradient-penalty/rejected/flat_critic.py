#: score = 1
#: value = "failed author:one-not-subtracted"
#: gradient = "failed"
#: prediction = "failed author:one-forgotten"
#: w-grad = "failed author:one-forgotten"
# 忘了减 1
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x, create_graph=True)
    return slope.norm() ** 2


def grad_w(w, x):
    return 2 * (2 * w * x) * 2 * x


PREDICTIONS = {"w_grad": [18, 32], "without_graph": "raises"}
