import torch

r = torch.tensor([0.5, -3.0, 2.0, 8.0], requires_grad=True)
delta = 2.0

near = r**2 / 2
far = delta * (r.abs() - delta / 2)
torch.where(r.abs() <= delta, near, far).sum().backward()
r.grad                    # r_grad: ?
