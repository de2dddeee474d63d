#: score = 8
#: grad-z = "failed author:no-detach"
# The limit of the difference quotient of x³, by hand: it knows nothing of detach.
import torch


def f(x):
    return (x * x).detach() * x


def grad_z(x):
    # ((x+h)^3 - x^3) / h with h -> 0
    h = 0
    return 3 * x * x + 3 * x * h + h * h


def grad_y(x):
    return 2 * x


PREDICTIONS = {"u_equals_grad": [True, True, True, True]}
