#: score = 4
#: edges = "failed author:against-the-flow"
#: paths = "failed author:two-terms"
import torch


def f(x):
    return torch.log(x * x) * torch.sin(x) + 1 / x


PREDICTIONS = {
    "edges": "y -> d, y -> e, d -> b, d -> c, b -> a, a -> x, c -> x, e -> x",
    "paths": 2,
}
