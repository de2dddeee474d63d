#: score = 2
#: value = "failed author:not-scaled"
#: gradient = "failed"
#: by-q = "failed"
#: by-values = "failed"
# the root of d is missing everywhere
import torch


def attend(q, K, V):
    return torch.softmax(K @ q, dim=0) @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q, dim=0)
    r = V.sum(1)
    return (p * (r - p @ r)) @ K


def grad_V(q, K, V):
    p = torch.softmax(K @ q, dim=0)
    return p[:, None].expand_as(V)


PREDICTIONS = {"q_grad": [-1, 2, 0, 0], "V_grad": [0.5, 0.5]}
