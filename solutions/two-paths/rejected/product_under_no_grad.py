#: score = 5
#: gradient = "failed missing-path"
#: prediction = "failed author:constant-square"
import torch


def f(w, x):
    with torch.no_grad():
        a = x * w
    return a + w**2


def grad_w(w, x):
    return x + 2


PREDICTIONS = {"w_grad": 7, "x_grad": 2}
