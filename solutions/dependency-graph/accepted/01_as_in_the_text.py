#: score = 10
import torch


def f(x):
    a = x * x
    b = torch.log(a)
    c = torch.sin(x)
    d = b * c
    e = 1 / x
    return d + e


PREDICTIONS = {
    "edges": "x -> a, a -> b, x -> c, b -> d, c -> d, x -> e, d -> y, e -> y",
    "paths": 3,
}
