#: score = 1
#: by-w = "failed"
#: by-x = "failed"
#: prediction = "failed author:one-step-only"
#: x-grad = "failed author:x-cut-late"
#: w-grad = "failed author:w-last-step"
# 每一步都 detach，忘了看 k
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    loss = 0
    for t in range(len(x)):
        h = torch.tanh(w * h.detach() + x[t])
        loss = loss + h
    return loss


def grad_w(w, x, k):
    h = g = torch.zeros_like(w)
    for t in range(len(x)):
        new = torch.tanh(w * h + x[t])
        g = g + (1 - new**2) * h
        h = new
    return g


PREDICTIONS = {"x_grad": [0, 0, 0, 1], "w_grad": 7}
