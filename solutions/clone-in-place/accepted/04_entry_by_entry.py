#: score = 10
import torch


def f(x):
    total = torch.tensor(25.0, dtype=torch.float64)
    for v in x[1:]:
        total = total + v**2
    return total


def grad_f(x):
    slopes = [2 * v for v in x.tolist()]
    slopes[0] = 0.0
    return torch.tensor(slopes)


PREDICTIONS = {"raises": False, "x_grad": [2 * v if v > 1 else 0 for v in (1, 2, 3)]}
