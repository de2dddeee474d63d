#: score = 8
#: after-zero = "failed author:kept"
#: sum-grad = "failed author:accumulated"
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    # x.grad = x.grad.zero_() would be needed, I think
    "after_zero": [0, 4, 8, 12],
    "sum_grad": [1, 5, 9, 13],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
