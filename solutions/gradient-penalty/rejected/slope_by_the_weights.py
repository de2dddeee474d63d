#: score = 4
#: value = "failed author:slope-by-w"
#: gradient = "failed cut-graph"
#: w-grad = "failed"
# asks for the gradient by w, which does not depend on w
import torch


def penalty(w, x):
    w = w.clone().requires_grad_()
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, w, create_graph=True)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return 2 * (n - 1) * slope / n * 2 * x


PREDICTIONS = {"w_grad": [0, 0], "without_graph": "raises"}
