#: score = 4
#: gradient = "failed cut-graph"
#: by-q = "failed author:values-left-out"
#: q-grad = "failed"
# 权重用 detach 取了出来，q 就得不到梯度了
import torch


def attend(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0).detach()
    return p @ V


def grad_q(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return p @ K / len(q) ** 0.5


def grad_V(q, K, V):
    p = torch.softmax(K @ q / len(q) ** 0.5, dim=0)
    return p[:, None].expand_as(V)


PREDICTIONS = {"q_grad": [0.5, 1, 0, 0], "V_grad": [0.5, 0.5]}
