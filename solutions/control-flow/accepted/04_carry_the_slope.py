#: score = 10
# The chain rule by hand: each line that multiplies b multiplies its slope too.
import torch
from torch import Tensor


def steps(a: Tensor):
    b, slope = 2 * a, torch.full_like(a, 2.0)
    while torch.linalg.norm(b) < 1000:
        b, slope = b + b, slope + slope
    if not torch.sum(b) > 0:
        b, slope = 100 * b, 100 * slope
    return b, slope


def f(a: Tensor) -> Tensor:
    return steps(a)[0]


def grad_f(a: Tensor) -> Tensor:
    return steps(a)[1]


PREDICTIONS = {"ratio": torch.tensor(True)}
