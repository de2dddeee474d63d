#: score = 0
#: value = "failed author:log-of-x"
#: gradient = "failed scale"
#: edges = "failed author:x-into-everything"
#: paths = "failed author:edges-counted"
import torch


def f(x):
    return torch.log(x.abs()) * torch.sin(x) + 1 / x


everything = [("x", name) for name in "abcdey"]

PREDICTIONS = {
    "edges": [*everything, ("a", "b"), ("b", "d"), ("c", "d"), ("d", "y"), ("e", "y")],
    "paths": 8,
}
