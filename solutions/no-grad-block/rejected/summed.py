#: score = 8
#: prediction = "failed reduced"
# sum() 是求梯度之前对 z 做的，不该再对梯度做一次
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_f(x):
    return (x * x).sum()


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 25}
