import torch


def fails(x):
    # make a leaf of x; y = (x * x).sum(); backward, twice
    ...


def doubles(x):
    # make a leaf of x; y = x.sum(); backward, twice; return x.grad
    ...


def keeps(x):
    # make a leaf of x; y = (x * x).sum(); backward, twice,
    # the first with retain_graph=True; return x.grad
    ...


PREDICTIONS = {
    # What the second backward does in each of the four given lines:
    # "raises", "doubles" or "same"
    # "lines": [..., ..., ..., ...],
}
