import torch

zero = torch.tensor(0.0)

x = torch.tensor(0.0, requires_grad=True)
torch.relu(x).backward()
x.grad                    # at_zero 的第一个数：?

x.grad.zero_()
x.clamp(min=0).backward()
x.grad                    # at_zero 的第二个数：?

x.grad.zero_()
torch.maximum(x, zero).backward()
x.grad                    # at_zero 的第三个数：?
