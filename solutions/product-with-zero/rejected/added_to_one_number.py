#: score = 4
#: prediction = "failed reduced"
#: x-grad = "failed shape"
# f 是一个数，所以把各个偏导数加了起来
import torch


def f(x):
    return x.prod()


def grad_f(x):
    parts = [torch.cat([x[:i], x[i + 1 :]]).prod() for i in range(len(x))]
    return sum(parts)


PREDICTIONS = {"x_grad": 6}
