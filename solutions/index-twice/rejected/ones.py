#: score = 4
#: prediction = "failed author:all-ones"
#: growth = "failed author:grows-once"
#: w-grad = "failed author:three-ones"
# sum 的梯度全是 1
import torch


def f(w, idx):
    return w[idx].sum()


def grad_f(w, idx):
    return torch.ones_like(w)


PREDICTIONS = {"growth": 0.1, "w_grad": [1, 1, 1]}
