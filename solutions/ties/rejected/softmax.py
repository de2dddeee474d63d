#: score = 7
#: max = "failed"
#: max-grad = "failed"
# softmax is the gradient of logsumexp, the smooth maximum; here the maximum is a hard one
import torch


def f(x):
    return x.max()


def grad_f(x):
    return torch.softmax(x, dim=0)


def grad_pick(x):
    g = torch.zeros_like(x)
    g[x.argmax()] = 1
    return g


PREDICTIONS = {"max_grad": [0.0634, 0.468, 0.468], "max_dim_grad": [0, 1, 0]}
