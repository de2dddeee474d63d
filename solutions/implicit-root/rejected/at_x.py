#: score = 6
#: prediction = "failed author:at-x"
#: x-grad = "failed author:at-x"
import torch


def root(x):
    with torch.no_grad():
        y = x
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y - (y**3 + y - x) / (3 * y**2 + 1)


def grad_root(x):
    return 1 / (3 * x**2 + 1)


PREDICTIONS = {"x_grad": [0.0769, 0.00332], "without_step": "raises"}
