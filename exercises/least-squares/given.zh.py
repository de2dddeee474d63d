import torch

X = torch.tensor({{X.code}})
y = torch.tensor({{y.code}})
w = torch.tensor({{w.code}}, requires_grad=True)

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
