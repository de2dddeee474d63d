import torch

# f is the function you write
a = torch.randn(size=(), requires_grad=True)
d = f(a)
d.backward()
a.grad                    # ratio: always d / a?
