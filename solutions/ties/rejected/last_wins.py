#: score = 3
#: max = "failed author:last-takes-all"
#: pick = "failed author:last-takes-all"
#: max-grad = "failed author:last-takes-all"
#: max-dim-grad = "failed author:last-takes-all"
# >= lets a later entry of the same size take over
import torch


def f(x):
    return x.max()


def grad_f(x):
    best = 0
    for i in range(len(x)):
        if x[i] >= x[best]:
            best = i
    g = torch.zeros_like(x)
    g[best] = 1.0
    return g


grad_pick = grad_f

PREDICTIONS = {"max_grad": [0, 0, 1], "max_dim_grad": [0, 0, 1]}
