#: score = 6
#: gradient = "failed sign"
#: x-grad = "failed"
# The last step is added: at the solution it is zero, so nothing shows in the values.
import torch


def root(x):
    with torch.no_grad():
        y = x
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y + (y**3 + y - x) / (3 * y**2 + 1)


def grad_root(x):
    y = root(x)
    return 1 / (3 * y**2 + 1)


PREDICTIONS = {"x_grad": [2, 10], "without_step": "raises"}
