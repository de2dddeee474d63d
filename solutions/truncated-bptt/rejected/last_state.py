#: score = 2
#: value = "failed author:last-state-only"
#: by-w = "failed missing-path"
#: by-x = "failed missing-path"
#: prediction = "failed missing-path"
# returns the last state, and its gradient
import torch


def total(w, x, k):
    h = torch.zeros_like(w)
    for t in range(len(x)):
        if t > 0 and t % k == 0:
            h = h.detach()
        h = torch.tanh(w * h + x[t])
    return h


def grad_w(w, x, k):
    h = g = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            g = torch.zeros_like(w)
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
    return g


PREDICTIONS = {"x_grad": [0, 0, 2, 1], "w_grad": 13}
