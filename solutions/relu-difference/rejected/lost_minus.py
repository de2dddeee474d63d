#: score = 2
#: value = "failed author:absolute-value"
#: gradient = "failed author:f-absolute"
#: autograd = "failed author:minus-kept"
#: calculus = "failed author:minus-kept"
# the sum of both is |x|
import torch


def f(x):
    return torch.relu(x) + torch.relu(-x)


def grad_f(x):
    return torch.sign(x)


def calculus_f(x):
    return torch.sign(x)


PREDICTIONS = {"at_zero": [0, 1]}
