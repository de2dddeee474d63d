import torch

w = torch.tensor([1.0, 3.0], requires_grad=True)
b = torch.tensor([5.0, -2.0], requires_grad=True)
x = torch.tensor([2.0, 1.0])

y = ((w * x) ** 2).sum()
y.backward()
b.grad                                                       # b_grad: ?

y = ((w * x) ** 2).sum()
torch.autograd.grad(y, (w, b), materialize_grads=True)[1]    # b_filled: ?

b.grad = None
y = ((w * x + 0 * b) ** 2).sum()
y.backward()
b.grad                                                       # b_times_zero: ?
