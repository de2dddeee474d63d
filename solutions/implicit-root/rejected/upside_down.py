#: score = 5
#: prediction = "failed author:upside-down"
#: x-grad = "failed author:upside-down"
#: without-step = "failed author:zeros-without-graph"
# 求成了 dx/dy
import torch


def root(x):
    with torch.no_grad():
        y = x
        for _ in range(80):
            y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y - (y**3 + y - x) / (3 * y**2 + 1)


def grad_root(x):
    y = root(x)
    return 3 * y**2 + 1


PREDICTIONS = {"x_grad": [4, 13], "without_step": "zeros"}
