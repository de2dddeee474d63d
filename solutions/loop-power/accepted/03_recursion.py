#: score = 10
import torch


def f(x, n):
    if n == 0:
        return torch.ones_like(x)
    return f(x, n - 1) * x


def grad_f(x, n):
    # product rule: (f_{n-1} * x)' = f_{n-1}' * x + f_{n-1}
    if n == 1:
        return torch.ones_like(x)
    return grad_f(x, n - 1) * x + f(x, n - 1)


PREDICTIONS = {"x_grad": 108.0, "cut_grad": 27.0}

if __name__ == "__main__":
    x = torch.tensor([3.0], requires_grad=True)
    y = f(x, 4)
    y.sum().backward()
    print(x.grad)
