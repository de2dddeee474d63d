#: score = 10
# 不做原地修改：把 5 和其余分量拼起来
import torch


def f(x):
    五 = torch.tensor([5.0], dtype=x.dtype)
    y = torch.cat([五, x[1:]])
    return torch.dot(y, y)


def grad_f(x):
    return torch.cat([torch.zeros(1, dtype=x.dtype), 2 * x[1:]])


PREDICTIONS = {"raises": False, "x_grad": torch.tensor([0.0, 4.0, 6.0])}
