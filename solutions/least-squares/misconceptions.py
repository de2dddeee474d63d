"""Classic wrong values and gradients of least squares, as code.

For the typed answers they are called with the numbers of the given code.
"""


def no_two(w, X, y):
    return X.T @ (X @ w - y)


def reversed_residual(w, X, y):
    return 2 * X.T @ (y - X @ w)


def averaged(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y)


def by_the_residual(w, X, y):
    return 2 * (X @ w - y)


def no_target(w, X, y):
    return 2 * X.T @ (X @ w)


def no_residual(w, X, y):
    return 2 * X.sum(dim=0)


def gradient_of_norm(w, X, y):
    r = X @ w - y
    return X.T @ r / r.norm()


def norm_only(w, X, y):
    return (X @ w - y).norm()


def mean_squares(w, X, y):
    return ((X @ w - y) ** 2).mean()


def old_gradient(w, X, y):
    return 2 * X.T @ (X @ w - y)


def fitted_no_target(w, X, y):
    return 2 * X.T @ (X @ w)
