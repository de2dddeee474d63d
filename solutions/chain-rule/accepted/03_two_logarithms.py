#: score = 10
# ln(x^2) = 2 ln|x| for positive and negative x alike
import torch


def f(x):
    return 2 * torch.log(torch.abs(x)) * x.sin() + x.reciprocal()


def grad_f(x):
    u, du = 2 * x.abs().log(), 2 * x.reciprocal()
    v, dv = x.sin(), x.cos()
    return du * v + u * dv - x.pow(-2)


PREDICTIONS = dict(at_two=torch.tensor(0.0823954))
