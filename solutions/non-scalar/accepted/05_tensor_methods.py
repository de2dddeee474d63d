#: score = 10
import torch


def f(vec):
    return vec.pow(2)


def grad_f(vec):
    return vec.mul(2)


def vjp_f(vec, cotangent):
    return cotangent.mul(vec).mul(2)


PREDICTIONS = {"x_grad": [0.0, 2.0, 4.0, 6.0]}
