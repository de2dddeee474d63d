#: score = 3
#: gradient = "failed cut-graph"
#: jacobian = "failed sign"
#: modes = "failed author:forward-for-small"
# torch.tensor copies the numbers and leaves the graph behind.
import torch


def f(x):
    return torch.tensor([x[0] * x[1], x[1] * x[2] ** 2], dtype=x.dtype)


def jacobian_f(x):
    J = torch.zeros(2, 3, dtype=x.dtype)
    J[0, :2] = -x[:2].flip(0)
    J[1, 1:] = -torch.stack([x[2] ** 2, 2 * x[1] * x[2]])
    return J


PREDICTIONS = {"passes": [5, 40], "modes": ["reverse", "forward", "forward", "forward"]}
