#: score = 4
#: prediction = "failed author:probabilities"
#: first-grad = "failed author:first-both-probabilities"
#: sum-grad = "failed author:probabilities"
# exp 的导数是它自己，所以 softmax 的导数也是它自己
import torch


def f(x):
    return torch.softmax(x, dim=0).sum()


def grad_f(x):
    return torch.softmax(x, dim=0)


PREDICTIONS = {"first_grad": [0.5, 0.5], "sum_grad": [0.5, 0.5]}
