#: score = 4
#: max = "failed sign"
#: pick = "failed mean-for-sum"
#: max-dim-grad = "failed shape"
import torch


def f(x):
    return x.max()


def grad_f(x):
    # one step downhill
    tied = (x == x.max()).double()
    return -tied / tied.sum()


def grad_pick(x):
    g = torch.zeros_like(x)
    g[x.argmax()] = 1 / len(x)
    return g


PREDICTIONS = {"max_grad": [0, 0.5, 0.5], "max_dim_grad": 1}
