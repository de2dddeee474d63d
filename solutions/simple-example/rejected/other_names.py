#: score = 6
#: prediction = "missing"
#: x-grad = "missing"
#: sum-grad-without-zero = "missing"
# grad instead of grad_f, x.grad instead of x_grad, and one answer not given at all
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x.grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
}
