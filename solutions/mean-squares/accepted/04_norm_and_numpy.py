#: score = 10
import numpy as np
import torch


def f(x):
    return torch.linalg.vector_norm(x).square() / torch.tensor(x.shape).prod()


def grad_f(x):
    a = x.numpy()
    return torch.from_numpy(2.0 * a / a.size)


PREDICTIONS = {"x_grad": np.array([1.0, 2.0, 3.0, 4.0]) / 2, "first_of_eight": 0.25}
