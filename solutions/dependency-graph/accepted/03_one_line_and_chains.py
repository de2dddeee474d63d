#: score = 10
import torch


def f(x):
    # ln(x²) = 2 ln|x|
    return 2 * torch.log(torch.abs(x)) * torch.sin(x) + x**-1


PREDICTIONS = {
    # whole paths: each is several edges
    "edges": "x -> a -> b -> d -> y; x -> c -> d; x -> e -> y",
    "paths": len(["abd", "cd", "e"]),
}
