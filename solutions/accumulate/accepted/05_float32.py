#: score = 10
import torch


def square(t):
    return t.pow(2).sum()


def triple(t):
    return t.mul(3).sum()


def together(x):
    return torch.stack([square(x), triple(x)]).sum()


def grad_after(x):
    return torch.tensor([2 * v + 3 for v in x.tolist()])


PREDICTIONS = {
    "after_first": torch.tensor(4.0),
    "after_second": torch.tensor(7.0),
    "after_third": torch.tensor(10.0),
}
