#: score = 10
# 减去基线不改变梯度，但 L 的值会变，所以 surrogate 里没有减
import numpy as np
import torch
import torch.nn.functional as F


def expected(theta, r):
    return F.softmax(theta, dim=-1) @ r


def surrogate(theta, r):
    logp = F.log_softmax(theta, dim=-1)
    return (logp.exp().data * r) @ logp


def grad_theta(theta, r):
    t, rewards = theta.detach().numpy(), r.numpy()
    p = np.exp(t) / np.exp(t).sum()
    baseline = float(np.sum(p * rewards))
    advantage = rewards - baseline
    return torch.from_numpy(p * advantage)


PREDICTIONS = {"theta_grad": "1, -1", "ten_more": "same"}
