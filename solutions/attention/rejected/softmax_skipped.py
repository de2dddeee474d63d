#: score = 6
#: by-q = "failed author:softmax-skipped"
#: q-grad = "failed author:softmax-skipped"
# softmax 这一步没有求导
import torch


def attend(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0) @ V


def grad_q(q, K, V):
    return V.sum(1) @ K / len(q) ** 0.5


def grad_V(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return p[:, None] * torch.ones_like(V)


PREDICTIONS = {"q_grad": [1, 10, 0, 0], "V_grad": [0.5, 0.5]}
