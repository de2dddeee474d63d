#: score = 10
# .item() 得到的数就是常数；预测是 float32，精度够用
import torch


def f(x):
    parts = []
    for xi in x:
        parts.append(xi.item() * xi + xi.pow(2))
    return torch.stack(parts)


def grad_f(x):
    return torch.tensor([3 * t for t in x.tolist()])


PREDICTIONS = dict(x_grad=9.0)
