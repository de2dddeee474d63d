#: score = 5
#: prediction = "failed author:zero-at-the-jump"
#: at-one = "failed author:none"
# 在 1 处没有导数，就当作 0
import torch


def f(x):
    return torch.where(x < 1, x, x + 5)


def grad_f(x):
    return (x != 1).double()


PREDICTIONS = {"at_one": None, "quotient_agrees": False}
