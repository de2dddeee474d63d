import torch


def f(x):
    # ln(x^2) * sin(x) + 1/x, entry by entry
    ...


PREDICTIONS = {
    # All edges of the given graph, as one text or as a list: "x -> a, ..."
    # "edges": ...,
    # By how many different paths does x reach y?  One number
    # "paths": ...,
}
