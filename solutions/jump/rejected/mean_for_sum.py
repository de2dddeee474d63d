#: score = 4
#: value = "failed author:always-added"
#: prediction = "failed mean-for-sum"
#: quotient-agrees = "failed shape"
# 平均到每个分量上；最后一问写了三个回答
import torch


def f(x):
    return x + 5


def grad_f(x):
    return torch.ones_like(x) / len(x)


PREDICTIONS = {"at_one": 1, "quotient_agrees": [False, False, False]}
