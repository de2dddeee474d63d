#: score = 10
import numpy as np
import torch


def f(x, c):
    # 用 topk 从小到大取出全部分量
    s = torch.topk(x, len(x), largest=False).values
    return torch.sum(s * c)


def grad_f(x, c):
    a = x.numpy()
    where = np.searchsorted(np.sort(a), a)
    return torch.from_numpy(c.numpy()[where])


PREDICTIONS = {"order": np.argsort([3, 1, 2]), "x_grad": np.array([30, 10, 20])}
