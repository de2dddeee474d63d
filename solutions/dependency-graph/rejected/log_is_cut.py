#: score = 4
#: gradient = "failed missing-path"
#: edges = "failed author:x-used-once"
import torch


def f(x):
    b = torch.log(x * x)
    c = torch.sin(x)
    # a warning said: use detach
    d = b.detach() * c
    return d + 1 / x


PREDICTIONS = {
    "edges": ["x -> a", "a -> b", "b -> d", "c -> d", "d -> y", "e -> y"],
    "paths": 3,
}
