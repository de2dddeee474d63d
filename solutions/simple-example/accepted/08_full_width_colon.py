#: score = 10
# 输入法没切换，冒号是全角的：读作半角，并加以说明
import torch


def f(x)：
    return 2 * torch.dot(x, x)


def grad_f(x):
    return 4 * x


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}
