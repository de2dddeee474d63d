#: score = 8
#: by-w = "failed one-branch"
# 把 w 和 h 一起分离了：截断之后的那一步，w 也得不到梯度
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        inner = w * h
        if t > 0 and t % k == 0:
            inner = inner.detach()
        h = torch.tanh(inner + x[t])
        loss = loss + h
    return loss


def grad_w(w, x, k):
    h = g = loss = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            g = torch.zeros_like(w)
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
        loss = loss + g
    return loss


PREDICTIONS = {"x_grad": [0, 0, 2, 1], "w_grad": 13}
