#: score = 10
# 把两个分量拆开写
import torch


def f(x):
    a, b = x
    return a * a * b + b * b * b


def hvp_auto(x, v):
    叶子 = x.detach().clone().requires_grad_(True)
    f(叶子).backward(create_graph=True)
    梯度 = 叶子.grad
    叶子.grad = None
    梯度.backward(v)
    return 叶子.grad


def hvp_formula(x, v):
    a, b = x
    p, q = v
    return torch.stack((2 * b * p + 2 * a * q, 2 * a * p + 6 * b * q))


PREDICTIONS = {"product": torch.tensor([2.0, -10.0])}
