#: score = 10
import torch
from torch import nn


class Cell(nn.Module):
    def forward(self, w, h, xt):
        return torch.tanh(w * h + xt)


def total(w, x, k):
    cell = Cell()
    h = x.new_zeros(())
    loss = x.new_zeros(())
    for t in range(x.shape[0]):
        if t > 0 and t % k == 0:
            with torch.no_grad():
                h = h.clone()
        h = cell(w, h, x[t])
        loss += h
    return loss


def grad_w(w, x, k):
    # states first, then for every step the products of slopes back to its cut
    T = len(x)
    h = [torch.zeros_like(w)]
    for t in range(T):
        h.append(torch.tanh(w * h[t] + x[t]))
    g = torch.zeros_like(w)
    for t in range(T):
        slope = torch.ones_like(w)
        start = int(t // k * k)
        for s in range(t, start - 1, -1):
            slope = slope * (1 - h[s + 1] ** 2)
            g = g + slope * h[s]
            slope = slope * w
    return g


PREDICTIONS = {"x_grad": "0, 0, 2, 1", "w_grad": "13"}
