#: score = 8
#: grad-before = "failed author:zeros-before"
#: sum-grad-without-zero = "failed author:overwritten"
import torch


def f(x):
    return 2 * torch.dot(x, x)


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": [0, 0, 0, 0],  # 还没算，应该是 0
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 1, 1, 1],  # 新的梯度替换旧的
}
