#: score = 10
# A Python number has no history, so item() cuts just as well here.
import torch


def f(x):
    square = x.item() ** 2
    return square * x


def grad_f(x):
    return torch.tensor(x.item() ** 2)


def slope_f(x):
    return 3 * grad_f(x)


PREDICTIONS = {"x_grad": 16.0}
