#: score = 10
import torch


def expected(theta, r):
    p = torch.softmax(theta, dim=0)
    return torch.dot(p, r)


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    p = torch.softmax(theta, dim=0)
    return p * (r - torch.dot(p, r))


PREDICTIONS = {"theta_grad": [1, -1], "ten_more": "same"}
