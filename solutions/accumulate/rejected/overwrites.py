#: score = 1
#: gradient = "failed missing-path"
#: prediction = "failed author:overwritten"
#: after-second = "failed author:overwritten"
#: after-third = "failed author:overwritten"
# 新的梯度替换旧的梯度
import torch


def together(x):
    return (3 * x).sum()


def grad_after(x):
    return torch.full_like(x, 3)


PREDICTIONS = {"after_first": 4, "after_second": 3, "after_third": 3}
