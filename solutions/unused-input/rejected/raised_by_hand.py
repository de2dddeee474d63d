#: score = 6
#: by-w = "failed author:one-x-only"
#: strict = "failed"
import torch


def loss(w, b, x):
    return ((w * x) ** 2).sum()


def grads(w, b, x):
    return 2 * x, None


def strict(w, b, x):
    raise RuntimeError("One of the differentiated Tensors appears to not have been used in the graph.")


PREDICTIONS = {"b_grad": None, "b_filled": [0, 0], "b_times_zero": [0, 0]}
