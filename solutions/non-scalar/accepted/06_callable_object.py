#: score = 10
import torch
from torch import Tensor


class Square:
    """y = x ⊙ x, with its derivative written beside it."""

    def __call__(self, x: Tensor) -> Tensor:
        return torch.mul(x, x)

    @staticmethod
    def pull_back(x: Tensor, v: Tensor) -> Tensor:
        return torch.einsum("i,i->i", 2 * x, v)


square = Square()


def f(x):
    return square(x)


def grad_f(x):
    return square.pull_back(x, torch.ones(len(x), dtype=x.dtype))


def vjp_f(x, v):
    return square.pull_back(x, v)


PREDICTIONS = {"x_grad": torch.arange(4.0) * 2}

if __name__ == "__main__":
    x = torch.randn(5, requires_grad=True)
    v = torch.randn(5)
    f(x).backward(v)
    print(torch.allclose(x.grad, vjp_f(x, v)))
