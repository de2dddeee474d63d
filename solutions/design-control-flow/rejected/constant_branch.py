#: score = 3
#: prediction = "failed"
#: slopes = "failed author:values"
# 负数那一支返回常数，autograd 求不出梯度
import torch


def f(a):
    if a > 0:
        return a * a
    return torch.zeros_like(a)


def grad_f(a):
    return 2 * a if a > 0 else torch.zeros_like(a)


PREDICTIONS = {"slopes": [144, 125, 81]}
