"""detach(x)·x + x²: of the four paths from x to the result three are left, and each brings x."""


def f(x):
    return x.detach() * x + x**2


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 3 * x


def answers(number):
    x = number.clone().requires_grad_()
    y = f(x)
    y.backward()
    return {"x_grad": x.grad}
