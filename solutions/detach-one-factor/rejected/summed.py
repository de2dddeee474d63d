#: score = 6
#: prediction = "failed reduced"
# f(x).sum() 是一个数，于是梯度也写成了一个数
import torch


def f(x):
    return x.detach() * x + x**2


def grad_f(x):
    return (3 * x).sum()


PREDICTIONS = {"x_grad": 9}
