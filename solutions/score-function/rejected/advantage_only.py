#: score = 6
#: prediction = "failed author:probability-lost"
#: theta-grad = "failed author:probability-lost"
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    return r - expected(theta, r)


PREDICTIONS = {"theta_grad": [2, -2], "ten_more": "same"}
