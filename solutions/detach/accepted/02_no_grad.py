#: score = 10
# 用 no_grad 代替 detach，效果一样
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_z(x):
    # u 是常数，z = u*x，对 x 求导就是 u
    u = x ** 2
    return u


def grad_y(x):
    return x + x


PREDICTIONS = {"u_equals_grad": (True, True, True, True)}
