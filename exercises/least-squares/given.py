import torch

X = torch.tensor({{X.code}})
y = torch.tensor({{y.code}})
w = torch.tensor({{w.code}}, requires_grad=True)

r = X @ w - y
loss = (r**2).sum()
loss.backward()
w.grad                    # w_grad: ?

w.grad = None
y = (X @ w).detach()      # targets that w meets exactly
r = X @ w - y
loss = (r**2).sum()
loss.backward()
w.grad                    # fitted_grad: ?
