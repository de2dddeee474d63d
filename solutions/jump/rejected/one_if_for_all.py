#: score = 6
#: value = "error"
#: gradient = "error"
# 向量不能直接放进 if
import torch


def f(x):
    return x if x < 1 else x + 5


def grad_f(x):
    return torch.ones_like(x)


PREDICTIONS = {"at_one": 1, "quotient_agrees": False}
