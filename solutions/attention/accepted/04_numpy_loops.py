#: score = 10
import numpy as np
import torch


def attend(q, K, V):
    scale = torch.sqrt(torch.tensor(float(len(q)), dtype=q.dtype))
    e = torch.exp((K @ q) / scale)
    return (e.unsqueeze(-1) * V).sum(0) / e.sum()


def parts(q, K, V):
    q, K, V = (t.detach().numpy() for t in (q, K, V))
    a = K @ q / np.sqrt(len(q))
    p = np.exp(a) / np.exp(a).sum()
    return q, K, V, p


def grad_q(q, K, V):
    q, K, V, p = parts(q, K, V)
    g = np.zeros(len(q))
    n = len(p)
    for i in range(n):
        for j in range(n):
            same = 1.0 if i == j else 0.0
            g += V[i].sum() * p[i] * (same - p[j]) * K[j] / np.sqrt(len(q))
    return torch.from_numpy(g)


def grad_V(q, K, V):
    q, K, V, p = parts(q, K, V)
    return torch.tensor(np.repeat(p[:, None], V.shape[1], axis=1))


PREDICTIONS = {"q_grad": "-1 2 0 0", "V_grad": "0.5 0.5"}
