import torch

x = torch.tensor(1.7, requires_grad=True)
x.round().backward()
x.grad                    # rounded_grad: ?

x.grad = None
y = x + (x.round() - x).detach()
y.backward()
x.grad                    # x_grad: ?
