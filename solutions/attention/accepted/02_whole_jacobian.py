#: score = 10
# 把 softmax 的雅可比矩阵整个写出来
import torch


def 权重(q, K):
    a = torch.mv(K, q) / len(q) ** 0.5
    e = torch.exp(a - a.max())
    return e / e.sum()


def attend(q, K, V):
    p = 权重(q, K)
    o = torch.zeros(V.shape[1])
    for i in range(len(p)):
        o = o + p[i] * V[i]
    return o


def grad_q(q, K, V):
    p = 权重(q, K)
    J = torch.diag(p) - torch.outer(p, p)
    return V.sum(dim=1) @ J @ (K / len(q) ** 0.5)


def grad_V(q, K, V):
    p = 权重(q, K)
    return torch.outer(p, torch.ones(V.shape[1]))


PREDICTIONS = {"q_grad": torch.tensor([-1.0, 2.0, 0.0, 0.0]), "V_grad": torch.tensor([0.5, 0.5])}
