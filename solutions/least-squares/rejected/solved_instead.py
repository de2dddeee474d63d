#: score = 5
#: gradient = "failed cut-graph"
#: prediction = "failed"
# The weights at which the gradient vanishes are not the gradient.
import torch


def f(w, X, y):
    with torch.no_grad():
        r = X @ w - y
        return (r**2).sum()


def grad_w(w, X, y):
    return torch.linalg.pinv(X) @ y


PREDICTIONS = {"w_grad": [-40, -52], "fitted_grad": [0, 0]}
