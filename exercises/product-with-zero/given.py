import torch

x = torch.tensor([2.0, 0.0, 3.0], requires_grad=True)
y = x.prod()
y.backward()
x.grad                    # x_grad: ?
