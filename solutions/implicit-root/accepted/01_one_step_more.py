#: score = 10
import torch


def root(x):
    with torch.no_grad():
        y = x.clone()
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y - (y**3 + y - x) / (3 * y**2 + 1)


def grad_root(x):
    y = root(x)
    return 1 / (3 * y**2 + 1)


PREDICTIONS = {"x_grad": [1 / 4, 1 / 13], "without_step": "raises"}
