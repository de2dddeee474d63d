#: score = 4
#: prediction = "failed author:no-count"
#: x-grad = "failed author:no-count"
#: first-of-eight = "failed author:sum-of-eight"
import torch


def f(x):
    return x.square().mean()


def grad_f(x):
    return 2 * x


PREDICTIONS = {"x_grad": [2, 4, 6, 8], "first_of_eight": 2}
