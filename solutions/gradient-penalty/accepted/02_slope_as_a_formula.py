#: score = 10
# 斜率直接写成公式，不用 autograd
import torch


def penalty(w, x):
    斜率 = 2 * w * x
    长度 = torch.sqrt(torch.dot(斜率, 斜率))
    return (长度 - 1.0) ** 2


def grad_w(w, x):
    长度 = 0.0
    for a, b in zip(w, x):
        长度 += (2 * a * b) ** 2
    长度 = 长度**0.5
    g = torch.zeros(len(w))
    for i in range(len(w)):
        g[i] = 8 * (长度 - 1) * w[i] * x[i] ** 2 / 长度
    return g


PREDICTIONS = {"w_grad": torch.tensor([14.4, 25.6]), "without_graph": "raises"}
