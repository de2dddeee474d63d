"""Classic wrong answers about an input that is not always used, as code."""


def always_added(w, b, x, use):
    return ((w * x + b) ** 2).sum()


def never_added(w, b, x, use):
    return ((w * x) ** 2).sum()


def inner_factor_lost(w, b, x, use):
    return 2 * (w * x + b if use else w * x)


def bias_lost(w, b, x, use):
    return 2 * w * x * x


def as_if_always_added(w, b, x, use):
    return 2 * x * (w * x + b)
