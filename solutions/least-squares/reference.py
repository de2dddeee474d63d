"""Least squares: 2r by the residual, and Xᵀ on the way from the residual to the weights."""


def f(w, X, y):
    r = X @ w - y
    return (r**2).sum()


def closed_form(w, X, y):
    """The author's own gradient of f by w, against which autograd is proved."""
    return 2 * X.T @ (X @ w - y)


def answers(weights, X, y):
    w = weights.clone().requires_grad_()
    f(w, X, y).backward()
    truths = {"w_grad": w.grad}
    w.grad = None
    f(w, X, (X @ w).detach()).backward()
    truths["fitted_grad"] = w.grad
    return truths
