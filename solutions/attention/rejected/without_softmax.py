#: score = 2
#: value = "failed author:no-softmax"
#: gradient = "failed"
#: by-q = "failed author:softmax-skipped"
#: by-values = "failed"
import torch


def attend(q, K, V):
    return (K @ q / len(q) ** 0.5) @ V


def grad_q(q, K, V):
    return V.sum(1) @ K / len(q) ** 0.5


def grad_V(q, K, V):
    return (K @ q / len(q) ** 0.5)[:, None].expand_as(V)


PREDICTIONS = {"q_grad": [-1, 2, 0, 0], "V_grad": [0.5, 0.5]}
