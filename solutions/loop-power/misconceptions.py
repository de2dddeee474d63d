"""Classic wrong answers about a loop of products, as code.

For the typed answers they are called with the numbers of the given code.
"""

import torch


def one_round_more(x, n):
    return x ** (n + 1)


def added_up(x, n):
    return n * x


def last_round_only(x, n):
    return x ** (n - 1)


def exponent_kept(x, n):
    return n * x**n


def of_one_round_more(x, n):
    return (n + 1) * x**n


def sum_of_rounds(x, n):
    return n * torch.ones_like(x)


def value_of_the_loop(x, n):
    return x**n


def detach_ignored(x, n):
    return n * x ** (n - 1)
