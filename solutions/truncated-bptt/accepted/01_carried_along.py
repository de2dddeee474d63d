#: score = 10
import torch


def total(w, x, k):
    h = torch.tensor(0.0, dtype=x.dtype)
    s = 0
    for t in range(len(x)):
        if t != 0 and t % k == 0:
            h = h.detach()
        h = torch.tanh(w * h + x[t])
        s = s + h
    return s


def grad_w(w, x, k):
    h = torch.zeros_like(w)
    g = torch.zeros_like(w)
    s = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            g = torch.zeros_like(w)
        new = torch.tanh(w * h + x[t])
        g = (1 - new**2) * (h + w * g)
        h = new
        s = s + g
    return s


PREDICTIONS = {"x_grad": [0, 0, 2, 1], "w_grad": 13}
