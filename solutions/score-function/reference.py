"""Expected reward of a softmax policy: its gradient p ⊙ (r − p·r), also by way of the logarithm of p."""

import torch


def expected(theta, r):
    # Softmax spelt out, so that the graph has both ways from theta: by the numerator and by the total.
    e = torch.exp(theta)
    total = e.sum()
    p = e / total
    return (p * r).sum()


def surrogate(theta, r):
    logs = torch.log_softmax(theta, dim=0)
    tried = torch.exp(logs).detach()
    return (tried * r * logs).sum()


def closed_form(theta, r):
    """The author's own gradient of the surrogate, which is that of the expectation as well."""
    p = torch.softmax(theta, dim=0)
    return p * (r - p @ r)


def closed_form_prediction(theta, r):
    """The author's own gradient of the expectation."""
    return closed_form(theta, r)


def answers():
    def gradient(more):
        theta = torch.zeros(2, requires_grad=True)
        surrogate(theta, torch.tensor([4.0, 0.0]) + more).backward()
        return theta.grad

    same = torch.allclose(gradient(0), gradient(10), atol=1e-5)
    return {"theta_grad": gradient(0), "ten_more": "same" if same else "other"}
