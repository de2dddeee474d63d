#: score = 0
#: value = "failed author:naive-value"
#: gradient = "failed author:naive-gradient"
#: prediction = "failed author:naive-prediction"
#: naive-y = "failed author:as-on-paper"
#: naive-grad = "failed author:gradient-as-on-paper"
import torch


def f(x):
    return torch.log(torch.sum(torch.exp(x)))


def grad_f(x):
    e = torch.exp(x)
    return e / e.sum()


PREDICTIONS = {"naive_y": 1000, "naive_grad": [1, 0]}
