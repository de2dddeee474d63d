#: score = 5
#: prediction = "failed author:total-fixed"
#: theta-grad = "failed author:total-fixed"
#: ten-more = "failed author:grows-by-weight"
# 忘了 softmax 的分母
import torch


def expected(theta, r):
    return torch.softmax(theta, dim=0) @ r


def surrogate(theta, r):
    p = torch.softmax(theta, dim=0)
    return (p.detach() * r * torch.log(p)).sum()


def grad_theta(theta, r):
    return torch.softmax(theta, dim=0) * r


PREDICTIONS = {"theta_grad": [2, 0], "ten_more": "weighted"}
