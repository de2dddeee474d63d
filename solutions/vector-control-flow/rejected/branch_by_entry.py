#: score = 0
#: value = "failed author:own-branch-value"
#: gradient = "failed"
#: prediction = "failed author:own-branch"
#: a-grad = "failed author:own-branch"
#: a-grad-weighted = "failed author:unweighted"
# 正的分量不变，负的分量乘 100
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return torch.where(b > 0, b, 100 * b)


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"a_grad": [4, 400], "a_grad_weighted": [4, 4]}
