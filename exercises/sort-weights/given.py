import torch

x = torch.tensor({{x.code}}, requires_grad=True)
c = torch.tensor({{c.code}})
s, order = torch.sort(x)
order                     # order: ?

(s * c).sum().backward()
x.grad                    # x_grad: ?
