#: score = 10
import numpy as np
import torch


def penalty(w, x):
    x = torch.autograd.Variable(x.data, requires_grad=True)
    marks = torch.dot(w, x.square())
    slope = torch.autograd.grad(marks, [x], create_graph=True)[0]
    excess = torch.linalg.vector_norm(slope) - 1
    return excess * excess


def grad_w(w, x):
    a, b = w.detach().numpy(), x.detach().numpy()
    s = 2 * a * b
    n = np.linalg.norm(s)
    return torch.from_numpy(2 * (n - 1) * (s / n) * 2 * b)


PREDICTIONS = {"w_grad": "14.4 25.6", "without_graph": "raises"}
