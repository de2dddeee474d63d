#: score = 6
#: prediction = "failed author:nonzero-factors"
import torch


def f(x):
    return x.prod()


def grad_f(x):
    g = x.prod() / x
    for i in range(len(x)):
        if x[i] == 0:
            g[i] = x[x != 0].prod()
    return g


PREDICTIONS = {"x_grad": [0, 6, 0]}
