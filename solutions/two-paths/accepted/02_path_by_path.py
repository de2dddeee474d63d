#: score = 10
# 每条路径单独算，最后相加
import torch


def f(w, x):
    a = torch.mul(x, w)
    b = torch.square(w)
    return torch.add(a, b)


def 经过a(w, x):
    return x


def 经过b(w, x):
    return w + w


def grad_w(w, x):
    return 经过a(w, x) + 经过b(w, x)


PREDICTIONS = {"w_grad": 3 + 2 * 2, "x_grad": 2.0}
