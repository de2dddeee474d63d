#: score = 10
# Entry by entry both are the same slope, times t or times v.
import numpy as np
import torch


def slope(x):
    x = np.asarray(x)
    return torch.from_numpy(np.log(x**2) * np.cos(x) + 2 * np.sin(x) / x - x**-2.0)


def push(x, t):
    return slope(x) * t


def pull(x, v):
    return v * slope(x)


PREDICTIONS = {
    "slope": "(2*x*sin(x) - 1)/x^2 + 2*ln(|x|)*cos(x)",
    "tangents": "6, 0.667, -0.990, -2.08, -0.111, -2.19",
    "adjoints": "1, 1, 2.20, 0.141, 0.0157, -2.19",
}
