#: score = 10
# The mean of equal numbers is that number, and its gradient is shared just as x.max() shares it.
import torch
import torch.nn.functional as F


def f(x):
    return x[x == x.max()].mean()


def grad_f(x):
    tied = x == x.max()
    return torch.where(tied, 1.0 / tied.sum(), 0.0)


def grad_pick(x):
    value, index = x.max(dim=0)
    return F.one_hot(index, num_classes=x.numel()).to(x.dtype)


PREDICTIONS = {
    "max_grad": torch.tensor([0.0, 0.5, 0.5]),
    "max_dim_grad": torch.tensor([0.0, 1.0, 0.0]),
}
