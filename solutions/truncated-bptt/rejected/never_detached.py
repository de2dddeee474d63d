#: score = 1
#: by-w = "failed undetached"
#: by-x = "failed undetached"
#: prediction = "failed author:nothing-cut"
#: x-grad = "failed author:x-uncut"
#: w-grad = "failed author:w-uncut"
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        if t > 0 and t % k == 0:
            h.detach()  # the result is not kept
        h = torch.tanh(w * h + x[t])
        loss = loss + h
    return loss


def grad_w(w, x, k):
    h = g = loss = torch.zeros_like(w)
    for t in range(len(x)):
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
        loss = loss + g
    return loss


PREDICTIONS = {"x_grad": [8, 4, 2, 1], "w_grad": 17}
