#: score = 8
#: gradient = "failed missing-path"
# ln(x^2) is worked out with numpy and is a constant for autograd
import numpy as np
import torch


def f(x):
    logarithm = torch.from_numpy(np.asarray(np.log(x.detach().numpy() ** 2)))
    return logarithm * torch.sin(x) + 1 / x


def grad_f(x):
    return 2 / x * torch.sin(x) + torch.log(x**2) * torch.cos(x) - 1 / x**2


PREDICTIONS = {"at_two": 0.0824}
