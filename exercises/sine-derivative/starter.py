import torch


def f(x):
    # sin of every entry of x
    ...


def slope(x):
    # the derivative of sin at every entry of x, found by autograd
    ...


PREDICTIONS = {
    # The slopes of sin at 0, pi/3 and pi: three numbers, three digits will do
    # "slopes": ...,
    # The smallest x > 0 at which the slope of sin is 0
    # "first_zero": ...,
}
