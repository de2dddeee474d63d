"""Classic wrong answers about cross-entropy, as code.

The default arguments are those of the given code: they serve the typed answer, for which these
functions are called without inputs.
"""

import torch
import torch.nn.functional as F

GIVEN_LOGITS = torch.zeros(2, 4, dtype=torch.float64)
GIVEN_TARGETS = torch.tensor([1, 3])


def _parts(logits, targets):
    p = torch.softmax(logits, dim=1)
    return p, F.one_hot(targets, logits.shape[1]).to(p.dtype), logits.shape[0]


def rows_added(logits, targets):
    return F.cross_entropy(logits, targets, reduction="sum")


def softmax_twice(logits, targets):
    return F.cross_entropy(torch.softmax(logits, dim=1), targets)


def softmax_over_rows(logits, targets):
    return F.nll_loss(torch.log_softmax(logits, dim=0), targets)


def gradient_of_the_sum(logits, targets):
    p, hot, _ = _parts(logits, targets)
    return p - hot


def gradient_softmax_twice(logits, targets):
    p, hot, n = _parts(logits, targets)
    inner = (torch.softmax(p, dim=1) - hot) / n
    return p * (inner - (p * inner).sum(dim=1, keepdim=True))


def no_mean(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, hot, _ = _parts(logits, targets)
    return p - hot


def turned_round(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, hot, n = _parts(logits, targets)
    return (hot - p) / n


def target_forgotten(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, _, n = _parts(logits, targets)
    return p / n


def by_the_probability(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, hot, n = _parts(logits, targets)
    return -hot / p / n


def target_only(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, hot, n = _parts(logits, targets)
    return (p - 1) * hot / n


def mean_over_entries(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    p, hot, _ = _parts(logits, targets)
    return (p - hot) / p.numel()


def no_softmax(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    _, hot, n = _parts(logits, targets)
    return (logits - hot) / n


def softmax_over_all(logits=GIVEN_LOGITS, targets=GIVEN_TARGETS):
    _, hot, n = _parts(logits, targets)
    return (torch.exp(logits) / torch.exp(logits).sum() - hot) / n
