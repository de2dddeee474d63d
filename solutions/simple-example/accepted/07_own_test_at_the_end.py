#: score = 10
import torch
import torch.nn.functional as F


def f(x):
    return 2 * F.mse_loss(x, torch.zeros_like(x), reduction="sum")


@torch.no_grad()
def grad_f(x, factor=4):
    return x.clone().mul_(factor)


PREDICTIONS = {
    "grad_before": None,
    "y": 28,
    "x_grad": [0, 4, 8, 12],
    "after_zero": [0, 0, 0, 0],
    "sum_grad": [1, 1, 1, 1],
    "sum_grad_without_zero": [1, 5, 9, 13],
}

if __name__ == "__main__":
    t = torch.randn(6, requires_grad=True)
    f(t).backward()
    print(t.grad - grad_f(t))
