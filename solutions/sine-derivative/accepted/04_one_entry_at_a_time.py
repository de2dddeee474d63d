#: score = 10
import torch


def f(x):
    return torch.stack([torch.sin(v) for v in x])


def slope(x):
    slopes = []
    for v in x.tolist():
        t = torch.tensor(v, dtype=torch.float64, requires_grad=True)
        torch.sin(t).backward()
        slopes.append(t.grad)
    return torch.stack(slopes)


PREDICTIONS = {"slopes": [1.0, 0.500, -1.0], "first_zero": 1.571}
