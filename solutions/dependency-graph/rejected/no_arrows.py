#: score = 6
#: edges = "malformed"
import torch


def f(x):
    return torch.log(x * x) * torch.sin(x) + 1 / x


PREDICTIONS = {"edges": {"x": "ace", "a": "b", "b": "d", "c": "d", "d": "y", "e": "y"}, "paths": 3}
