import torch

zero = torch.tensor(0.0)

x = torch.tensor(0.0, requires_grad=True)
torch.relu(x).backward()
x.grad                    # at_zero[0]: ?

x.grad.zero_()
x.clamp(min=0).backward()
x.grad                    # at_zero[1]: ?

x.grad.zero_()
torch.maximum(x, zero).backward()
x.grad                    # at_zero[2]: ?
