import torch

x = torch.zeros(4, requires_grad=True)
v = torch.tensor([4.0, 0.0, 0.0, 0.0])
y = torch.softmax(x, dim=0)
y.backward(v)
x.grad                    # x_grad: ?
