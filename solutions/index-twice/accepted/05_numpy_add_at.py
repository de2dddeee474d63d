#: score = 10
import numpy as np
import torch


def f(w, idx):
    return torch.gather(w, 0, idx).sum()


def grad_f(w, idx):
    g = np.zeros(len(w), dtype=np.float32)
    np.add.at(g, idx.numpy(), 1)  # g[idx] += 1 would count each entry only once
    return torch.from_numpy(g)


PREDICTIONS = {"growth": 0.20, "w_grad": np.array([2, 1, 0])}
