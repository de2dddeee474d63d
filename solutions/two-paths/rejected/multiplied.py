#: score = 5
#: prediction = "failed author:paths-multiplied"
#: w-grad = "failed author:paths-multiplied"
import torch


def f(w, x):
    return x * w + w**2


def grad_w(w, x):
    # chain rule: multiply
    along_a = x
    along_b = 2 * w
    return along_a * along_b


PREDICTIONS = {"w_grad": 12, "x_grad": 2}
