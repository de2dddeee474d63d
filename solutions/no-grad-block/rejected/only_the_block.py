#: score = 4
#: recorded = "failed author:block-not-noticed"
#: prediction = "failed author:only-the-block"
#: x-grad = "failed author:only-the-block"
import torch


def f(x):
    with torch.no_grad():
        u = x * x
    return u * x


def grad_f(x):
    return 2 * x * x


PREDICTIONS = {"recorded": [True, True, True], "x_grad": 50}
