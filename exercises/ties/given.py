import torch

x = torch.tensor([1.0, 3.0, 3.0], requires_grad=True)
x.max().backward()
x.grad                    # max_grad: ?

x.grad.zero_()
x.max(dim=0).values.backward()
x.grad                    # max_dim_grad: ?
