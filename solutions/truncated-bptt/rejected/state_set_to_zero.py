#: score = 1
#: value = "failed author:set-to-zero"
#: by-w = "failed one-branch"
#: by-x = "failed one-branch"
#: prediction = "failed author:state-lost-too"
#: w-grad = "failed author:w-state-forgotten"
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        if t % k == 0:
            h = torch.zeros_like(w)
        h = torch.tanh(w * h + x[t])
        loss = loss + h
    return loss


def grad_w(w, x, k):
    h = g = loss = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            h = g = torch.zeros_like(w)
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
        loss = loss + g
    return loss


PREDICTIONS = {"x_grad": [0, 0, 2, 1], "w_grad": 1}
