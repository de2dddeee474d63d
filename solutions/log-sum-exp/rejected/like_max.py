#: score = 5
#: prediction = "failed author:only-the-largest"
#: naive-grad = "failed author:all-nan"
# f 差不多就是最大值，所以梯度也按最大值来
import torch


def f(x):
    return torch.logsumexp(x, dim=0)


def grad_f(x):
    return (x == x.max()).to(x.dtype)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), float("nan")]}
