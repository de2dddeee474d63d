"""Classic wrong gradients of xᵀAx by x, as code."""


def as_if_symmetric(x, A):
    return 2 * (A @ x)


def as_if_symmetric_transposed(x, A):
    return 2 * (A.T @ x)


def left_only(x, A):
    return A @ x


def right_only(x, A):
    return A.T @ x


def matrix_only(x, A):
    return A + A.T
