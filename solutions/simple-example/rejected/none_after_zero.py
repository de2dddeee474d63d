#: score = 8
#: after-zero = "failed none-for-zero"
#: sum-grad-without-zero = "failed"
# optimizer.zero_grad() sets .grad to None; x.grad.zero_() does not.
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": None,
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": None,
}
