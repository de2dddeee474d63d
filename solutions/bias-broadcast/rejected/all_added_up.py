#: score = 4
#: prediction = "failed author:all-copies"
#: vjp = "failed author:weights-totalled"
#: b-grad = "failed author:all-copies"
import torch


def f(X, W, b):
    return X @ W.T + b


def grad_b(X, W, b):
    return torch.tensor(float(len(X) * len(b)))


def vjp_b(V):
    return V.sum()


PREDICTIONS = {"b_grad": 10}
