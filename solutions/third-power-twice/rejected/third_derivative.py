#: score = 5
#: prediction = "failed author:third"
#: slope = "failed second-derivative"
# 每一步都多求了一次导
import torch


def f(x):
    return x * x * x


def second_f(x):
    return torch.full_like(x, 6)


PREDICTIONS = {"slope": "6x", "without_graph": "raises"}
