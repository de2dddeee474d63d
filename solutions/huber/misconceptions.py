"""Classic wrong answers about Huber's loss, as code."""

import torch


def squares_only(w, X, y, delta):
    return ((X @ w - y) ** 2 / 2).sum()


def line_not_joined(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * r.abs()).sum()


def parabola_not_halved(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2, delta * (r.abs() - delta / 2)).sum()


def averaged(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r**2 / 2, delta * (r.abs() - delta / 2)).mean()


def never_cut_off(w, X, y, delta):
    return X.T @ (X @ w - y)


def slope_one_far_out(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.where(r.abs() <= delta, r, torch.sign(r))


def far_sign_lost(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.where(r.abs() <= delta, r, delta)


def far_flat(w, X, y, delta):
    r = X @ w - y
    return X.T @ torch.where(r.abs() <= delta, r, 0.0)


def by_the_residual(w, X, y, delta):
    r = X @ w - y
    return torch.where(r.abs() <= delta, r, delta * torch.sign(r))
