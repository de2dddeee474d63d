#: score = 2
#: value = "failed nan"
#: gradient = "failed nan"
#: edges = "failed author:skips-the-square"
# 2 ln x 只在 x 为正时等于 ln(x²)
import torch


def f(x):
    return 2 * torch.log(x) * torch.sin(x) + 1 / x


PREDICTIONS = {
    "edges": "x -> a, x -> b, a -> b, x -> c, b -> d, c -> d, x -> e, d -> y, e -> y",
    "paths": 3,
}
