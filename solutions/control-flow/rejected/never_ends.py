#: score = 6
#: value = "timeout"
#: gradient = "timeout"
# b * 2 的结果没有赋给 b，循环停不下来
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b * 2
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    b, slope = a * 2, 2.0
    while b.norm() < 1000:
        b, slope = b * 2, slope * 2
    return torch.tensor(slope if a > 0 else 100 * slope, dtype=a.dtype)


PREDICTIONS = {"ratio": True}
