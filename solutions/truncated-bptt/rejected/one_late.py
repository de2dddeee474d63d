#: score = 1
#: by-w = "failed one-branch"
#: by-x = "failed one-branch"
#: prediction = "failed author:cut-one-late"
#: x-grad = "failed author:x-cut-early"
#: w-grad = "failed author:w-added-only"
# detach 放在了这一步之后
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        h = torch.tanh(w * h + x[t])
        loss = loss + h
        if t > 0 and t % k == 0:
            h = h.detach()
    return loss


def grad_w(w, x, k):
    h = g = loss = torch.zeros_like(w)
    for t in range(len(x)):
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
        loss = loss + g
        if t > 0 and t % k == 0:
            g = torch.zeros_like(w)
    return loss


PREDICTIONS = {"x_grad": [0, 4, 2, 1], "w_grad": 10}
