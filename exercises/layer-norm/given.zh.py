import torch


def normalise(x):
    d = x - x.mean()
    return d / (d**2).mean().sqrt()


x = torch.tensor([1.0, 2.0, 6.0], requires_grad=True)
normalise(x).sum().backward()
x.grad                                      # sum_grad: ?

x.grad = None
normalise(x)[0].backward()

z = (2 * x).detach().requires_grad_()
normalise(z)[0].backward()                  # doubled: 与 x.grad 相比，z.grad 怎样？
