#: score = 2
#: jacobian = "failed author:own-variable"
#: passes = "failed author:one-pass"
#: modes = "failed"
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2] ** 2])


def jacobian_f(x):
    zero = torch.tensor(0.0, dtype=x.dtype)
    return torch.stack(
        [torch.stack([x[0], x[1], zero]), torch.stack([zero, x[2] ** 2, 2 * x[1] * x[2]])]
    )


PREDICTIONS = {"passes": [1, 1], "modes": ["reverse", "forward", "reverse"]}
