#: score = 4
#: grad-z = "failed"
#: grad-y = "missing"
#: u-equals-grad = "missing"
# Handed in before it was finished.
import torch


def f(x):
    y = x * x
    u = y.detach()
    return u * x


def grad_z(x):
    ...
