#: score = 7
#: prediction = "failed finite-difference"
import torch


def root(x):
    with torch.no_grad():
        y = x
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y - (y**3 + y - x) / (3 * y**2 + 1)


def grad_root(x):
    h = 1e-5
    return (root(x + h) - root(x - h)) / (2 * h)


PREDICTIONS = {"x_grad": [0.25, 0.0769], "without_step": "raises"}
