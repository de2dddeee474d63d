#: score = 10
import numpy as np
import torch


def f(x):
    i = int(torch.argmax(x))
    return x[i] + torch.log1p(torch.exp(x - x[i]).sum() - 1)


def grad_f(x):
    a = x.numpy()
    # 每个分量是 1 / Σ exp(a_k - a_i)；溢出时 1/inf = 0，正是要的结果
    with np.errstate(over="ignore"):
        return torch.from_numpy(1 / np.exp(a[None, :] - a[:, None]).sum(axis=1))


PREDICTIONS = {"naive_y": np.inf, "naive_grad": np.array([np.nan, 0.0])}
