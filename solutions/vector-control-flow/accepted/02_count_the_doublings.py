#: score = 10
# 数出一共乘了多少，所有分量都一样
import torch


def f(a):
    b = 2 * a
    while torch.sqrt((b * b).sum()) < 1000:
        b = 2 * b
    return b if torch.sum(b) > 0 else 100 * b


def grad_f(a):
    倍数 = 2.0
    while 倍数 * a.norm() < 1000:
        倍数 *= 2
    if a.sum() <= 0:
        倍数 *= 100
    return torch.full_like(a, 倍数)


PREDICTIONS = {
    "a_grad": torch.tensor([4.0, 4.0]),
    # v * 4，其中 v = d = [1200, -400]
    "a_grad_weighted": torch.tensor([1200.0, -400.0]) * 4,
}
