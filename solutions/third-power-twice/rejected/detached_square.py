#: score = 6
#: twice = "failed"
#: without-graph = "failed author:constant-means-zero"
# The square is a constant in the graph: the gradient is x², and that cannot be differentiated.
import torch


def f(x):
    square = (x * x).detach()
    return square * x


def second_f(x):
    return 6 * x


PREDICTIONS = {"slope": "3 * x^2", "without_graph": "zero"}
