#: score = 6
#: gradient = "failed cut-graph"
#: without-graph = "failed author:graph-without-being-asked"
# create_graph is missing
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return 2 * (n - 1) * slope / n * 2 * x


PREDICTIONS = {"w_grad": [14.4, 25.6], "without_graph": "same"}
