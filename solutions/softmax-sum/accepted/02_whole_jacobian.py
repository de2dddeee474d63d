#: score = 10
# J = diag(s) - s sᵀ; its columns add up to zero, up to rounding.
import torch


def jacobian(x):
    s = torch.softmax(x, 0)
    return torch.diag(s) - torch.outer(s, s)


def f(x):
    e = torch.exp(x - x.max())
    return (e / e.sum()).sum()


def grad_f(x):
    return torch.ones_like(x) @ jacobian(x)


PREDICTIONS = {
    "first_grad": jacobian(torch.zeros(2))[0],
    "sum_grad": jacobian(torch.zeros(2)).sum(0),
}
