#: score = 10
import torch


def f(x):
    return x * (x > 0)


def step(x, middle):
    out = []
    for v in x.tolist():
        if v > 0:
            out.append(1.0)
        elif v < 0:
            out.append(0.0)
        else:
            out.append(middle)
    return torch.tensor(out)


grad_relu = lambda x: step(x, 0.0)
grad_clamp = lambda x: step(x, 1.0)
grad_maximum = lambda x: step(x, 0.5)

PREDICTIONS = dict(at_zero=(0.0, 1.0, 1 / 2))
