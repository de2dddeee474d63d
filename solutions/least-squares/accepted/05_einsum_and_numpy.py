#: score = 10
import numpy as np
import torch


def f(w, X, y):
    r = torch.einsum("nd,d->n", X, w) - y
    return torch.linalg.vector_norm(r) ** 2


def grad_w(w, X, y):
    a = np.concatenate([X.numpy(), -y.numpy()[:, None]], axis=1)
    v = np.append(w.numpy(), 1.0)
    return torch.from_numpy(2 * (a.T @ (a @ v))[:-1])


PREDICTIONS = {"w_grad": "-40 -52", "fitted_grad": "0 0"}
