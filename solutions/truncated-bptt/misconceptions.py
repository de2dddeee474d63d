"""Classic wrong answers about truncated backpropagation, as code: the slope carried along, with a mistake."""

import torch


def _carried(w, x, cut=lambda t: False, openly=True, through_state=True, tanh=True):
    h = g = together = torch.zeros_like(w)
    for t in range(len(x)):
        if cut(t):
            g = torch.zeros_like(w)
        before = h
        h = torch.tanh(w * before + x[t])
        inner = (before if openly else 1.0) + (w * g if through_state else 0.0)
        g = (1 - h * h) * inner if tanh else inner + torch.zeros_like(w)
        together = together + g
    return together


def last_state_only(w, x, k):
    h = torch.zeros_like(w)
    for t in range(len(x)):
        h = torch.tanh(w * h + x[t])
    return h


def set_to_zero(w, x, k):
    h = total = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            h = torch.zeros_like(w)
        h = torch.tanh(w * h + x[t])
        total = total + h
    return total


def nothing_cut(w, x, k):
    return _carried(w, x)


def one_step_only(w, x, k):
    return _carried(w, x, cut=lambda t: True)


def cut_one_late(w, x, k):
    return _carried(w, x, cut=lambda t: t % k == 1 % k and t > k)


def tanh_slope_lost(w, x, k):
    return _carried(w, x, cut=lambda t: t % k == 0, tanh=False)


def state_lost_too(w, x, k):
    # The slope when the state's number is forgotten, too.
    h = g = together = torch.zeros_like(w)
    for t in range(len(x)):
        if t % k == 0:
            h = g = torch.zeros_like(w)
        before = h
        h = torch.tanh(w * before + x[t])
        g = (1 - h * h) * (before + w * g)
        together = together + g
    return together
