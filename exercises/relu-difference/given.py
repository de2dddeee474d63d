import torch

x = torch.tensor(0.0, requires_grad=True)
y = torch.relu(x) - torch.relu(-x)
y.backward()
x.grad                    # at_zero, first number: ?
                          # at_zero, second number: the derivative at the same point
