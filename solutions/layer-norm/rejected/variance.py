#: score = 5
#: value = "failed author:divided-by-the-variance"
#: gradient = "failed"
#: sum-grad = "failed"
import torch


def norm(x, g):
    d = x - x.mean()
    return g * d / ((d**2).mean() + 1e-5)


def grad_x(x, g):
    d = x - x.mean()
    s = ((d**2).mean() + 1e-5) ** 0.5
    return (g - g.mean() - d / s * (g * d / s).mean()) / s


PREDICTIONS = {"sum_grad": [-0.926, -0.463, 1.389], "doubled": "half"}
