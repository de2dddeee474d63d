#: score = 10
# 用卡尔达诺公式直接写出来，不用迭代
import torch


def root(x):
    s = torch.sqrt(x**2 / 4 + 1 / 27)
    a = (x.abs() / 2 + s) ** (1 / 3)
    return torch.sign(x) * (a - 1 / (3 * a))


def grad_root(x):
    y = root(x)
    # y' = y / (3 y^3 + y), 再用方程消去 y^3
    return y / (3 * x - 2 * y)


PREDICTIONS = {"x_grad": torch.tensor([0.25, 1 / 13]), "without_step": "raises"}
