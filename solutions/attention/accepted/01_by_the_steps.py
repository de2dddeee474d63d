#: score = 10
import math

import torch


def attend(q, K, V):
    d = q.shape[0]
    scores = K @ q / math.sqrt(d)
    p = torch.softmax(scores, dim=0)
    return p @ V


def grad_q(q, K, V):
    q = q.clone().requires_grad_()
    d = q.shape[0]
    p = torch.softmax(K @ q / math.sqrt(d), dim=0)
    r = V.sum(1)
    grad_scores = p * (r - torch.dot(p, r))
    return K.T @ grad_scores / math.sqrt(d)


def grad_V(q, K, V):
    d = q.shape[0]
    p = torch.softmax(K @ q / math.sqrt(d), dim=0)
    return p.unsqueeze(1).expand_as(V)


PREDICTIONS = {"q_grad": [-1, 2, 0, 0], "V_grad": [0.5, 0.5]}
