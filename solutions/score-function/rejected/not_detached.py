#: score = 7
#: gradient = "failed undetached"
# p is left in the graph
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p * r * torch.log(p)).sum()


def grad_theta(theta, r):
    p = torch.softmax(theta, dim=0)
    return p * (r - p @ r)


PREDICTIONS = {"theta_grad": [1, -1], "ten_more": "same"}
