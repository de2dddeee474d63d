#: score = 6
#: by-q = "failed author:root-forgotten"
#: q-grad = "failed author:root-forgotten"
import torch


def attend(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0) @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    r = V.sum(1)
    return (p * (r - p @ r)) @ K


def grad_V(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return p[:, None].expand_as(V)


PREDICTIONS = {"q_grad": [-2, 4, 0, 0], "V_grad": [0.5, 0.5]}
