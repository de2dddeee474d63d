#: score = 6
#: prediction = "failed author:tanh-slope-lost"
#: x-grad = "failed author:x-all-ones"
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        if t > 0 and t % k == 0:
            h = h.detach()
        h = torch.tanh(w * h + x[t])
        loss = loss + h
    return loss


def grad_w(w, x, k):
    h = g = loss = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            g = torch.zeros_like(w)
        g = h + w * g
        h = torch.tanh(w * h + x[t])
        loss = loss + g
    return loss


PREDICTIONS = {"x_grad": [0, 0, 1, 1], "w_grad": 13}
