#: score = 7
#: by-w = "failed author:bias-lost"
#: strict = "failed"
import torch


def loss(w, b, x, use):
    r = w * x
    if use:
        r = r + b
    return (r**2).sum()


def grads(w, b, x, use):
    return 2 * w * x * x, 2 * (w * x + b) if use else None


def strict(w, b, x):
    raise RuntimeError("One of the differentiated Tensors appears to not have been used in the graph.")


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
