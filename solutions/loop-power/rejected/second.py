#: score = 5
#: prediction = "failed second-derivative"
#: cut-grad = "failed"
# 求了两次导
import torch


def f(x, n):
    y = torch.ones_like(x)
    for _ in range(n):
        y = y * x
    return y


def grad_f(x, n):
    return n * (n - 1) * x ** (n - 2)


PREDICTIONS = {"x_grad": 108, "cut_grad": 12}
