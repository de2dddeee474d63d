#: score = 6
#: value = "output"
#: gradient = "output"
# 调试用的 print 忘了删掉
import torch


def f(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    for i in range(100000):
        print("step", i, "b =", b.item())
    return b if b.sum() > 0 else 100 * b


def grad_f(a):
    b, slope = a * 2, 2.0
    while b.norm() < 1000:
        b, slope = b * 2, slope * 2
    return torch.tensor(slope if a > 0 else 100 * slope, dtype=a.dtype)


PREDICTIONS = {"ratio": True}
