#: score = 1
#: value = "failed author:repeats-dropped"
#: gradient = "failed one-branch"
#: prediction = "failed author:once-each"
#: w-grad = "failed author:once-each"
import torch


def f(w, idx):
    total = 0
    for i in set(idx.tolist()):
        total = total + w[i]
    return total


def grad_f(w, idx):
    picked = set(idx.tolist())
    return torch.tensor([1.0 if i in picked else 0.0 for i in range(len(w))])


PREDICTIONS = {"growth": 0.2, "w_grad": [1, 1, 0]}
