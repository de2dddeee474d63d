import torch

X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
y = torch.tensor([1.0, 0.0, 2.0])
w = torch.tensor([1.0, -1.0], requires_grad=True)

r = X @ w - y
loss = (r**2).sum()
loss.backward()
w.grad                    # w_grad: ?

w.grad = None
y = (X @ w).detach()      # w 恰好拟合的目标值
r = X @ w - y
loss = (r**2).sum()
loss.backward()
w.grad                    # fitted_grad: ?
