import torch

theta = torch.zeros(2, requires_grad=True)
r = torch.tensor([4.0, 0.0])

p = torch.softmax(theta, dim=0)
((p.detach() * r) * torch.log(p)).sum().backward()
theta.grad                # theta_grad: ?
