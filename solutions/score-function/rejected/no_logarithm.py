#: score = 6
#: surrogate-value = "failed author:logarithm-forgotten"
#: prediction = "failed sign"
# Right gradient, but this is J again and not the loss that is asked for.
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    return expected(theta, r)


def grad_theta(theta, r):
    # minus, because a loss is minimised
    p = torch.softmax(theta, dim=0)
    return p * (p @ r - r)


PREDICTIONS = {"theta_grad": [1, -1], "ten_more": "same"}
