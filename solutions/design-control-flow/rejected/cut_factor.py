#: score = 3
#: prediction = "failed"
#: slopes = "failed author:branch-ignored"
# Predicts what autograd says; but f does not change like that.
import torch


def f(a):
    if a > 0:
        return a.detach() * a
    return 2 * a


def grad_f(a):
    return a.clone() if a > 0 else torch.full_like(a, 2)


PREDICTIONS = {"slopes": [72, -30, 18]}
