#: score = 10
import torch


def naive(x):
    return torch.stack([torch.where(v > 0, v**0.5, 0 * torch.ones_like(v)) for v in x])


def grad_naive(x):
    g = []
    for v in x.tolist():
        if v > 0:
            g.append(0.5 * v**-0.5)
        else:
            g.append(float("nan"))
    return torch.tensor(g, dtype=x.dtype)


def safe(x):
    # an if decides before anything is computed
    return torch.stack([torch.sqrt(v) if v > 0 else 0 * v for v in x])


PREDICTIONS = {"both": torch.tensor([torch.nan, 0.0])}
