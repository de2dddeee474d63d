#: score = 5
#: prediction = "failed author:by-the-probabilities"
#: theta-grad = "failed author:by-the-probabilities"
#: ten-more = "failed author:grows-by-ten"
# J 对 p 的梯度就是 r
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    return r


PREDICTIONS = {"theta_grad": [4, 0], "ten_more": "ten"}
