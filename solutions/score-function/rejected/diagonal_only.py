#: score = 6
#: prediction = "failed author:diagonal-only"
#: theta-grad = "failed author:diagonal-only"
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    p = torch.softmax(theta, dim=0)
    return p * (1 - p) * r


PREDICTIONS = {"theta_grad": [1, 0], "ten_more": "same"}
