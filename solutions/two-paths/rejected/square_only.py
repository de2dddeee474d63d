#: score = 4
#: prediction = "failed author:square-only"
#: w-grad = "failed author:square-only"
#: x-grad = "failed author:x-itself"
# 把 x*w 看成 x 的项，只对 w**2 求导
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    return 2 * w


PREDICTIONS = {"w_grad": 4, "x_grad": 3}
