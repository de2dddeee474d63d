"""Mean cross-entropy: its gradient by the logits is (softmax − one-hot) / N."""

import torch
import torch.nn.functional as F


def f(logits, targets):
    # Spelt out as in the prompt, so that the graph has both parts of a row's loss.
    picked = logits[torch.arange(len(targets)), targets]
    losses = torch.logsumexp(logits, dim=1) - picked
    return losses.mean()


def closed_form(logits, targets):
    """The author's own gradient of f by the logits, against which autograd is proved."""
    rows, classes = logits.shape
    return (torch.softmax(logits, dim=1) - F.one_hot(targets, classes)) / rows


def answers():
    logits = torch.zeros(2, 4, requires_grad=True)
    targets = torch.tensor([1, 3])
    loss = F.cross_entropy(logits, targets)
    loss.backward()
    return {"logits_grad": logits.grad}
