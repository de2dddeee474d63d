#: score = 5
#: value = "failed"
#: gradient = "failed"
#: jacobian = "failed"
# f 漏了平方，雅可比矩阵也就跟着错了
import torch


def f(x):
    return torch.stack([x[0] * x[1], x[1] * x[2]])


def jacobian_f(x):
    zero = torch.zeros((), dtype=x.dtype)
    return torch.stack([torch.stack([x[1], x[0], zero]), torch.stack([zero, x[2], x[1]])])


PREDICTIONS = {"passes": [5, 40], "modes": ["reverse", "forward", "reverse", "forward"]}
