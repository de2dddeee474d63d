#: score = 10
import torch

torch.manual_seed(0)


def policy(theta):
    return torch.nn.functional.softmax(theta, dim=0)


def expected(theta, r):
    return torch.sum(policy(theta) * r)


def surrogate(theta, r):
    p = policy(theta)
    weight = p.detach() * r
    return torch.sum(weight * p.log())


def grad_theta(theta, r):
    theta = theta.clone().detach().requires_grad_(True)
    p = policy(theta).detach()
    g = torch.zeros(len(r))
    for k in range(len(r)):
        for j in range(len(r)):
            g[j] += r[k] * p[k] * ((1.0 if j == k else 0.0) - p[j])
    return g


PREDICTIONS = {"theta_grad": [1.0, -1.0], "ten_more": "same"}

theta = torch.zeros(3, requires_grad=True)
rewards = torch.tensor([1.0, 2.0, 3.0])
optimizer = torch.optim.SGD([theta], lr=0.1)
for step in range(3):
    optimizer.zero_grad()
    loss = -surrogate(theta, rewards)
    loss.backward()
    optimizer.step()
    print(step, expected(theta, rewards).item())
