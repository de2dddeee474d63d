#: score = 4
#: by-q = "failed author:diagonal-only"
#: by-values = "failed author:weights-as-one"
#: q-grad = "failed author:diagonal-only"
#: v-grad = "failed author:values-as-ones"
# sigmoid 的导数是 p(1-p)，以为 softmax 也一样
import torch


def attend(q, K, V):
    return torch.softmax(K @ q / len(q) ** 0.5, dim=0) @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return (p * (1 - p) * V.sum(1)) @ K / len(q) ** 0.5


def grad_V(q, K, V):
    return torch.ones_like(V)


PREDICTIONS = {"q_grad": [0.25, 2.5, 0, 0], "V_grad": [1, 1]}
