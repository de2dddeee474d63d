#: score = 10
import torch
from torch.distributions import Categorical


def expected(theta, r):
    return (Categorical(logits=theta).probs * r).sum()


def surrogate(theta, r):
    policy = Categorical(logits=theta)
    loss = 0
    for k in range(len(r)):
        log_prob = policy.log_prob(torch.tensor(k))
        loss += policy.probs[k].item() * r[k] * log_prob
    return loss


def grad_theta(theta, r):
    p = theta.softmax(-1)
    total = torch.zeros_like(p)
    # one try of each action, as often as it is chosen: r_k (onehot_k - p)
    for k in range(len(p)):
        score = -p.clone()
        score[k] += 1.0
        total += p[k] * r[k] * score
    return total


PREDICTIONS = dict(theta_grad=(1.0, -1.0), ten_more="same")

theta = torch.tensor([0.1, 0.2, 0.3], requires_grad=True)
r = torch.tensor([1.0, 0.0, 2.0])
surrogate(theta, r).backward()
print(theta.grad, grad_theta(theta.detach(), r))
