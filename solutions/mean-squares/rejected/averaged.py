#: score = 4
#: prediction = "failed author:averaged"
#: x-grad = "failed author:averaged"
#: first-of-eight = "failed author:mean-did-not-change"
# f 是均值，所以梯度也取均值
import torch


def f(x):
    return torch.mean(x**2)


def grad_f(x):
    return torch.mean(2 * x)


PREDICTIONS = {"x_grad": 5, "first_of_eight": 0.5}
