#: score = 10
import torch


def f(w, x):
    out = []
    for wi, xi in zip(w, x):
        out.append(xi * wi + wi**2)
    return torch.stack(out)


def grad_w(w, x):
    return torch.tensor([xi + 2 * wi for wi, xi in zip(w.tolist(), x.tolist())], dtype=torch.float64)


PREDICTIONS = {"w_grad": 7.0, "x_grad": 2.0}

if __name__ == "__main__":
    print(f(torch.tensor([2.0]), torch.tensor([3.0])))
