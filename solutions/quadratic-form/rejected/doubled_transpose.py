#: score = 4
#: prediction = "failed author:as-if-symmetric-transposed"
#: x-grad = "failed author:doubled-transpose-at-the-point"
#: skew-grad = "failed"
import torch


def f(x, A):
    return torch.dot(x, torch.mv(A, x))


def grad_x(x, A):
    return 2 * x @ A


PREDICTIONS = {"x_grad": [-4, -4], "skew_grad": [4, 4]}
