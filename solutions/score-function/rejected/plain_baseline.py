#: score = 6
#: value = "failed author:plain-mean"
#: prediction = "failed author:baseline-unweighted"
# 把期望当成了算术平均
import torch


def expected(theta, r):
    return r.mean() + 0 * theta.sum()


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    return torch.softmax(theta, dim=0) * (r - r.mean())


PREDICTIONS = {"theta_grad": [1, -1], "ten_more": "same"}
