#: score = 4
#: prediction = "failed"
#: x-grad = "failed"
# 只乘了 x_i 前面的数，后面的数没有乘
import torch


def f(x):
    return x.prod()


def grad_f(x):
    one = torch.ones(1, dtype=x.dtype)
    return torch.cat([one, x[:-1]]).cumprod(0)


PREDICTIONS = {"x_grad": [1, 2, 0]}
