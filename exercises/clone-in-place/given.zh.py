import torch

x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = x.clone()
y[0] = 5.0
z = (y * y).sum()
z.backward()              # raises: 这一行或它上面的某一行会报错吗？
x.grad                    # x_grad: ?
