#: score = 5
#: prediction = "failed author:first"
#: without-graph = "failed author:computed-all-the-same"
import torch


def f(x):
    return x**3


def second_f(x):
    return 3 * x**2


PREDICTIONS = {"slope": "3*x^2", "without_graph": "second"}
