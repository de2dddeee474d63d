"""Classic wrong values of s·x³, as code; wrong backwards are told by what autograd gives through them."""


def scale_left_out(x, s):
    return x**3


def squared(x, s):
    return s * x**2


def scale_cubed_too(x, s):
    return (s * x) ** 3
