#: score = 10
# torch.tensor of Python floats is float32: less exact, and still right.
import torch


def f(x):
    return torch.einsum("i,i->", x, x) * 2


def grad_f(x):
    return torch.tensor([4 * v for v in x.tolist()])


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
