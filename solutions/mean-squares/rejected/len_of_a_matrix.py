#: score = 3
#: value = "failed one-branch"
#: gradient = "failed one-branch"
#: prediction = "failed author:rows"
# len(x) is the number of rows
import torch


def f(x):
    return (x**2).sum() / len(x)


def grad_f(x):
    return 2 * x / len(x)


PREDICTIONS = {"x_grad": [0.5, 1, 1.5, 2], "first_of_eight": 0.25}
