import torch

x = torch.zeros(2, requires_grad=True)

s = torch.softmax(x, dim=0)     # [0.5, 0.5]
s[0].backward()
x.grad                          # first_grad: ?

x.grad = None
s = torch.softmax(x, dim=0)
s.sum().backward()
x.grad                          # sum_grad: ?
