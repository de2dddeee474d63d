#: score = 4
#: gradient = "failed cut-graph"
#: grad-f = "failed author:all-cut"
#: x-grad = "failed author:all-cut"
import torch


def f(x):
    # detach 写在了整个乘积的后面
    return (x * x**2).detach()


def grad_f(x):
    return torch.zeros_like(x)


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 0}
