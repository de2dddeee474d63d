#: score = 5
#: prediction = "failed author:square-not-differentiated"
#: w-grad = "failed author:square-not-differentiated"
#: without-graph = "failed author:zeros-without-graph"
# 平方的导数漏了 2
import torch


def penalty(w, x):
    x = x.clone().requires_grad_()
    d = (w * x**2).sum()
    (slope,) = torch.autograd.grad(d, x, create_graph=True)
    return (slope.norm() - 1) ** 2


def grad_w(w, x):
    slope = 2 * w * x
    n = slope.norm()
    return (n - 1) * slope / n * 2 * x


PREDICTIONS = {"w_grad": [7.2, 12.8], "without_graph": "zeros"}
