#: score = 10
# Column by column, as forward mode would: what each output does when one input moves.
import torch


def f(x):
    return x[1] * torch.stack((x[0], x[2].square()))


def push(x, t):
    first = t[0] * x[1] + x[0] * t[1]
    second = t[1] * x[2] ** 2 + x[1] * 2 * x[2] * t[2]
    return torch.stack([first, second])


def jacobian_f(x):
    return torch.stack([push(x, unit) for unit in torch.eye(3, dtype=x.dtype)], dim=1)


PREDICTIONS = dict(modes=("reverse", "forward", "reverse", "forward"), passes=torch.tensor([5, 40]))
