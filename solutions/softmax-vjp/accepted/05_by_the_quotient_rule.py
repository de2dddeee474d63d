#: score = 10
# s = e / t with t = sum(e): the gradient comes once through e above and once through t below.
import torch
import torch.nn.functional as F


def f(x):
    return F.log_softmax(x, dim=-1).exp()


def vjp_f(x, v):
    e = x.exp()
    t = e.sum()
    to_t = -torch.einsum("i,i->", v, e) / t**2
    to_e = v / t + to_t
    return to_e * e


PREDICTIONS = dict(x_grad=[0.75, -0.25, -0.25, -0.25])
