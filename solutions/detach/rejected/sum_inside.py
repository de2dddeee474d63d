#: score = 4
#: value = "failed reduced"
#: gradient = "failed shape"
#: grad-y = "failed value-not-gradient"
# z.sum() 是求梯度时才用的，f 应该返回向量 z
import torch


def f(x):
    u = (x * x).detach()
    return (u * x).sum()


def grad_z(x):
    return x * x


def grad_y(x):
    y = x * x
    return y


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
