#: score = 6
#: surrogate-value = "failed author:weights-forgotten"
#: gradient = "failed"
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    return (r * torch.log_softmax(theta, dim=0)).sum()


def grad_theta(theta, r):
    p = torch.softmax(theta, dim=0)
    return p * (r - p @ r)


PREDICTIONS = {"theta_grad": [1, -1], "ten_more": "same"}
