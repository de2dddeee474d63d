import torch

x = torch.tensor([1.0, -1.0], requires_grad=True)

A = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
y = x @ A @ x
y.backward()
x.grad                    # x_grad: ?

x.grad = None
A = torch.tensor([[0.0, 2.0], [-2.0, 0.0]])
y = x @ A @ x
y.backward()
x.grad                    # skew_grad: ?
