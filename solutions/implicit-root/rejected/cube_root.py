#: score = 1
#: value = "failed author:cube-root"
#: gradient = "failed"
#: prediction = "failed author:linear-term-lost"
#: x-grad = "failed author:linear-term-lost"
# 忘了方程里还有一个 y
import torch


def root(x):
    return torch.sign(x) * x.abs() ** (1 / 3)


def solved(x):
    y = x
    for _ in range(80):
        y = y - (y**3 + y - x) / (3 * y**2 + 1)
    return y


def grad_root(x):
    return 1 / (3 * solved(x) ** 2)


PREDICTIONS = {"x_grad": [0.333, 0.0833], "without_step": "raises"}
