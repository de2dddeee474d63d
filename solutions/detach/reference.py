"""Section 2.5.3: u = y.detach() is a constant, so the gradient of u·x is u, and that of y is still 2x."""


def y(x):
    return x * x


def f(x):
    u = y(x).detach()
    return u * x


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return x**2


def closed_form_grad_y(x):
    """The same for y: what is detached in f is not detached there."""
    return 2 * x


def answers(numbers, compared):
    x = numbers.clone().requires_grad_()
    u = y(x).detach()
    z = u * x
    z.sum().backward()
    return {"u_equals_grad": x.grad == compared}
