#: score = 4
#: prediction = "failed author:constant"
#: vjp = "failed second-derivative"
#: x-grad = "failed author:constant"
import torch


def f(x):
    return x * x


def grad_f(x):
    return torch.full(x.shape, 2.0, dtype=x.dtype)


def vjp_f(x, v):
    return 2 * v


PREDICTIONS = {"x_grad": [2, 2, 2, 2]}
