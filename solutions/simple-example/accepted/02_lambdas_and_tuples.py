#: score = 10
import torch

f = lambda v: 2 * (v @ v)
grad_f = lambda v: v + v + v + v

PREDICTIONS = dict(
    grad_before=None,
    y=28.0,
    x_grad=(0.0, 4.0, 8.0, 12.0),
    after_zero=(0, 0, 0, 0),
    sum_grad=(1, 1, 1, 1),
    sum_grad_without_zero=(1, 5, 9, 13),
)
