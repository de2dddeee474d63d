#: score = 1
#: gradient = "failed missing-path"
#: prediction = "failed author:first-only"
#: after-second = "failed author:first-only"
#: after-third = "failed author:first-only"
import torch


def together(x):
    # 3 * x is linear, it has no curvature and adds nothing
    return (x**2).sum()


def grad_after(x):
    return 2 * x


PREDICTIONS = {"after_first": 4, "after_second": 4, "after_third": 4}
