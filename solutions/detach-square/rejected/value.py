#: score = 6
#: grad-f = "failed value-not-gradient"
#: x-grad = "failed author:value-of-f"
# 返回的是 f 的值，不是它的导数
import torch


def f(x):
    return x * (x**2).detach()


def grad_f(x):
    return f(x)


def slope_f(x):
    return 3 * x**2


PREDICTIONS = {"x_grad": 4**3}
