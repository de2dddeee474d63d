#: score = 3
#: gradient = "failed cut-graph"
#: prediction = "failed author:all-cut"
#: x-grad = "failed author:all-cut"
# 习惯性地写 detach().clone()，副本就与 x 无关了
import torch


def f(x):
    y = x.detach().clone()
    y[0] = 5.0
    return (y * y).sum()


def grad_f(x):
    return torch.zeros_like(x)


PREDICTIONS = {"raises": False, "x_grad": [0, 0, 0]}
