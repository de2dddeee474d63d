#: score = 10
import torch

f = lambda x: x.pow(2).mul(x)


def second_f(x):
    return torch.tensor([6.0 * v for v in x.tolist()])


PREDICTIONS = {"without_graph": "it raises an error", "slope": "3*x²"}

if __name__ == "__main__":
    x = torch.tensor(3.0, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    print(g, torch.autograd.grad(g, x))
