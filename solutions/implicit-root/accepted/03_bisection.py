#: score = 10
import torch


def solve_one(t):
    lo, hi = -abs(t) - 1.0, abs(t) + 1.0
    for _ in range(200):
        mid = (lo + hi) / 2
        if mid**3 + mid < t:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def root(x):
    y = torch.tensor([solve_one(t) for t in x.tolist()])
    # y is a constant here; x comes in with the slope 1 / (3 y^2 + 1)
    return y + (x - x.detach()) / (3 * y**2 + 1)


def grad_root(x):
    return torch.tensor([1 / (3 * solve_one(t) ** 2 + 1) for t in x.tolist()])


PREDICTIONS = dict(x_grad=(0.25, 0.076923), without_step="raises")
