#: score = 8
#: gradient = "failed cut-graph"
import numpy as np
import torch


def f(x, A):
    v = x.detach().numpy()
    return torch.tensor(np.dot(v, np.dot(A.numpy(), v)))


def grad_x(x, A):
    return (A + A.T) @ x


PREDICTIONS = {"x_grad": [-3, -3], "skew_grad": [0, 0]}
