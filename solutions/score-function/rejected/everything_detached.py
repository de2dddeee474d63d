#: score = 6
#: gradient = "failed cut-graph"
#: theta-grad = "failed"
# 连 log 里面的 p 也分离了
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0).detach()
    return (p * r * torch.log(p)).sum()


def grad_theta(theta, r):
    p = torch.softmax(theta, dim=0)
    return p * (r - p @ r)


PREDICTIONS = {"theta_grad": [0, 0], "ten_more": "same"}
