#: score = 6
#: prediction = "failed author:summed"
#: x-grad = "failed author:summed"
#: sum-grad = "failed reduced"
# f 是标量，所以我以为梯度也是一个数
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    g = 0
    for xi in x:
        g = g + 4 * xi
    return g


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": 24,
    "after_zero": [0, 0, 0, 0],
    "sum_grad": 4,
    "sum_grad_without_zero": [1, 5, 9, 13],
}
