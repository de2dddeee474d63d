#: score = 3
#: value = "failed one-branch"
#: prediction = "failed reduced"
#: at-one = "failed author:zero"
# one entry that is large enough decides for all
import torch


def f(x):
    return x + 5 if (x >= 1).any() else x


def grad_f(x):
    return float(len(x))


PREDICTIONS = {"at_one": 0, "quotient_agrees": False}
