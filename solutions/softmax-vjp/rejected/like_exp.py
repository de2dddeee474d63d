#: score = 4
#: vjp = "failed author:shared-sum-fixed"
#: x-grad = "failed author:shared-sum-fixed"
# e^x 求导还是它自己，所以直接乘上 v
import torch


def f(x):
    return torch.softmax(x, dim=0)


def vjp_f(x, v):
    return f(x) * v


PREDICTIONS = {"x_grad": [1, 0, 0, 0]}
