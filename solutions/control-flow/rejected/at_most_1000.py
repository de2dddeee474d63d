#: score = 2
#: value = "failed author:one-doubling-more"
#: gradient = "failed"
#: prediction = "failed author:one-doubling-more-slope"
# 小于 1000 写成了小于等于 1000
import torch


def f(a):
    b = a * 2
    while b.norm() <= 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    return f(a) / a


PREDICTIONS = {"ratio": True}
