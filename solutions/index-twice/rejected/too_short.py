#: score = 5
#: prediction = "failed shape"
#: w-grad = "failed shape"
# 没有取到的元素就没有梯度
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.bincount(idx).to(w.dtype)


PREDICTIONS = {"growth": 0.2, "w_grad": [2, 1]}
