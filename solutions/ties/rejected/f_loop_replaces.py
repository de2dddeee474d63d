#: score = 7
#: gradient = "failed author:f-picks-last"
#: max-dim-grad = "failed"
# Python 循环里用 >=，最后一个并列的分量留了下来；后面那个回答只写了一半
import torch


def f(x):
    m = x[0]
    for v in x:
        if v >= m:
            m = v
    return m


def grad_f(x):
    tied = (x == x.max()).double()
    return tied / tied.sum()


def grad_pick(x):
    g = torch.zeros_like(x)
    g[x.argmax()] = 1
    return g


PREDICTIONS = {"max_grad": [0, 0.5, 0.5], "max_dim_grad": [1, 0, 0]}
