#: score = 10
import math

import torch


def total(w, x, k):
    h = 0.0
    out = []
    for t, xt in enumerate(x):
        if t % int(k) == 0 and torch.is_tensor(h):
            h = h.data  # same as detach
        h = (w * h + xt).tanh()
        out.append(h)
    return sum(out)


def grad_w(w, x, k):
    w, k = w.item(), k.item()
    h = g = total_g = 0.0
    for t, xt in enumerate(x.tolist()):
        if t % k == 0:
            g = 0.0
        before = h
        h = math.tanh(w * before + xt)
        g = (1 - h * h) * (before + w * g)
        total_g += g
    return torch.tensor(total_g)


PREDICTIONS = {"x_grad": (0, 0, 2, 1), "w_grad": 13.0}

# quick check
w = torch.tensor(0.5, requires_grad=True)
seq = torch.tensor([0.1, 0.2, 0.3])
loss = total(w, seq, torch.tensor(2))
loss.backward()
print(w.grad, grad_w(w, seq, torch.tensor(2)))
