#: score = 10
import torch
import torch.nn.functional as F


def f(x):
    return F.mse_loss(x, torch.zeros_like(x))


def grad_f(x):
    # each entry of x**2 gets the same share of the mean
    share = torch.full_like(x, 1 / x.nelement())
    return share * 2 * x


PREDICTIONS = dict(x_grad=(0.5, 1.0, 1.5, 2.0), first_of_eight=torch.tensor(0.25))
