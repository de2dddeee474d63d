#: score = 4
#: prediction = "failed author:no-hundred"
#: a-grad = "failed author:values"
#: a-grad-weighted = "failed accumulated"
# 只数了循环；最后一问忘了清零
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    k = 2.0
    while k * a.norm() < 1000:
        k = 2 * k
    return torch.full_like(a, k)


PREDICTIONS = {"a_grad": [1200, -400], "a_grad_weighted": [4804, -1596]}
