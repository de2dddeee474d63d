"""x · detach(x²): the numbers of x³ with the slope 3x², and a graph in which x² is a constant."""


def f(x):
    square = (x**2).detach()
    return x * square


def curve(x):
    """The same numbers with nothing detached: autograd then gives the slope that one sees."""
    return x * x**2


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return x**2


def closed_form_slope_f(x):
    """The same for curve: the slope that one sees."""
    return 3 * x**2


def answers(number):
    x = number.clone().requires_grad_()
    y = f(x)
    y.backward()
    return {"x_grad": x.grad}
