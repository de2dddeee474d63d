#: score = 5
#: prediction = "failed author:deviation-fixed"
#: doubled = "failed author:gradient-doubled"
# 只考虑了均值，没有考虑标准差
import torch


def norm(x, g):
    mu = x.mean()
    sigma = torch.sqrt(((x - mu) ** 2).mean() + 1e-5)
    return g * (x - mu) / sigma


def grad_x(x, g):
    return (g - g.mean()) / torch.sqrt(x.var(unbiased=False) + 1e-5)


PREDICTIONS = {"sum_grad": [0, 0, 0], "doubled": "double"}
