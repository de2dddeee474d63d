#: score = 10
# detach gives the same: u is a constant either way. The prediction goes through float32.
import numpy as np
import torch


def f(x):
    u = (x * x).detach()
    return x * u


def grad_f(x):
    return torch.tensor(np.square(x.numpy()).astype(np.float32))


PREDICTIONS = {}
PREDICTIONS["recorded"] = [name != "u" for name in "xuz"]
PREDICTIONS["x_grad"] = 5**2
