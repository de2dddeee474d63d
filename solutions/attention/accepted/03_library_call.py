#: score = 10
import torch
import torch.nn.functional as F


def attend(q, K, V):
    out = F.scaled_dot_product_attention(q.view(1, 1, -1), K.unsqueeze(0), V.unsqueeze(0))
    return out.view(-1)


def weights(q, K):
    return F.softmax((K * q).sum(-1) / q.numel() ** 0.5, dim=-1)


def grad_q(q, K, V):
    p = weights(q, K)
    mean_key = p @ K
    total = torch.zeros_like(q)
    for p_i, k_i, v_i in zip(p, K, V):
        total += p_i * v_i.sum() * (k_i - mean_key)
    return total / q.numel() ** 0.5


def grad_V(q, K, V):
    return weights(q, K)[:, None] * torch.ones_like(V)


PREDICTIONS = dict(q_grad=(-1, 2, 0, 0), V_grad=(0.5, 0.5))

# try it
q = torch.randn(4, requires_grad=True)
K, V = torch.randn(3, 4), torch.randn(3, 2)
attend(q, K, V).sum().backward()
print((q.grad - grad_q(q.detach(), K, V)).abs().max())
