"""Classic wrong gradients of x·w + w² by w, as code.

For the typed answers they are called with the numbers of the given code.
"""


def product_only(w, x):
    return x.clone()


def square_only(w, x):
    return 2 * w


def paths_multiplied(w, x):
    return x * 2 * w


def lost_factor(w, x):
    return x + w


def constant_square(w, x):
    return x + 2


def exchanged_value(w, x):
    return w * x + x**2


def exchanged(w, x):
    return w + 2 * x


def same_for_both(w, x):
    return x + 2 * w


def x_itself(w, x):
    return x
