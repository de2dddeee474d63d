import torch

# f 是你要写的函数
a = torch.tensor([300.0, -100.0], requires_grad=True)
d = f(a)
d.sum().backward()
a.grad                    # a_grad: ?

a.grad.zero_()
d = f(a)
d.backward(d.detach())
a.grad                    # a_grad_weighted: ?
