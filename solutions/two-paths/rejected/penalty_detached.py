#: score = 8
#: gradient = "failed missing-path"
# 惩罚项不参与求导，所以先 detach
import torch


def f(w, x):
    a = x * w
    b = w.detach() ** 2
    return a + b


def grad_w(w, x):
    return x + 2 * w


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
