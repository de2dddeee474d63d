#: score = 5
#: gradient = "failed cut-graph"
#: x-grad = "failed author:one-over-x"
#: without-step = "failed author:graph-from-the-search"
import torch


def root(x):
    with torch.no_grad():
        y = x.clone()
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y


def grad_root(x):
    return 1 / (3 * root(x) ** 2 + 1)


PREDICTIONS = {"x_grad": [0.5, 0.1], "without_step": "same"}
