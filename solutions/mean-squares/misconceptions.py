"""Classic wrong values and gradients of a mean of squares, as code.

For the typed answers they are called with the numbers of the given code.
"""


def no_count(x):
    return 2 * x


def averaged(x):
    return (2 * x).mean()


def four_entries(x):
    return x / 2


def rows(x):
    return 2 * x / len(x)


def divided_twice(x):
    return 2 * x / x.numel() ** 2


def sum_for_mean(x):
    return (x**2).sum()


def square_of_mean(x):
    return x.mean() ** 2


def mean_did_not_change(x):
    return x[0] / 2


def written_twice_counts_twice(x):
    return x[0]


def sum_of_eight(x):
    return 2 * x[0]
