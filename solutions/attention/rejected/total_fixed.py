#: score = 4
#: by-q = "failed author:total-fixed"
#: by-values = "failed author:weights-only"
#: q-grad = "failed author:total-fixed"
#: v-grad = "failed author:values-themselves"
import torch


def attend(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0) @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return (p * V.sum(1)) @ K / len(q) ** 0.5


def grad_V(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0)


PREDICTIONS = {"q_grad": [0.5, 5, 0, 0], "V_grad": [0.5, 2.5]}
