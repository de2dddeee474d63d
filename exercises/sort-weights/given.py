import torch

x = torch.tensor([3.0, 1.0, 2.0], requires_grad=True)
c = torch.tensor([10.0, 20.0, 30.0])
s, order = torch.sort(x)
order                     # order: ?

(s * c).sum().backward()
x.grad                    # x_grad: ?
