#: score = 4
#: gradient = "failed author:block-around-the-other"
#: prediction = "failed author:derivative-of-u"
#: x-grad = "failed author:derivative-of-u"
# The block is around the other factor.
import torch


def f(x):
    u = x * x
    with torch.no_grad():
        c = x.clone()
    return u * c


def grad_f(x):
    return 2 * x


PREDICTIONS = {"recorded": [True, False, True], "x_grad": 10}
