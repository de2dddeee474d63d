#: score = 10
# The coefficients of a polynomial, differentiated by hand.
import numpy as np
import torch

COEFFICIENTS = np.array([0.0, 0.0, 0.0, 1.0])


def slope_of(coefficients):
    return np.arange(1, len(coefficients)) * coefficients[1:]


def f(x):
    return torch.pow(x, 3)


def second_f(x):
    twice = slope_of(slope_of(COEFFICIENTS))
    values = np.polynomial.polynomial.polyval(x.numpy(), twice)
    return torch.from_numpy(values)


PREDICTIONS = {"slope": r"\frac{d f}{d x} = 3 x^{2}", "without_graph": "raises"}
