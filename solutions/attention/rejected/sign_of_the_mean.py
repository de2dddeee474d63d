#: score = 6
#: by-q = "failed sign"
#: q-grad = "failed sign"
# p·r − r instead of r − p·r
import torch


def attend(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0) @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    r = V.sum(1)
    return (p * (p @ r - r)) @ K / len(q) ** 0.5


def grad_V(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return p[:, None].expand_as(V)


PREDICTIONS = {"q_grad": [1, -2, 0, 0], "V_grad": [0.5, 0.5]}
