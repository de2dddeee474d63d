import torch

x = torch.tensor(3.0, requires_grad=True)
y = x.detach() * x + x**2
y.backward()
x.grad                    # x_grad: ?
