#: score = 8
#: gradient = "failed cut-graph"
# torch.tensor(...) makes a new tensor that knows nothing of x
import math

import torch


def f(x):
    m = max(x.tolist())
    return torch.tensor(m + math.log(sum(math.exp(t - m) for t in x.tolist())), dtype=x.dtype)


def grad_f(x):
    return torch.softmax(x, dim=0)


PREDICTIONS = {"naive_y": float("inf"), "naive_grad": [float("nan"), 0]}
