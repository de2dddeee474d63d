import torch

X = torch.randn(5, 3)                       # 一批，共五个样本
W = torch.randn(2, 3)
b = torch.zeros(2, requires_grad=True)

Y = X @ W.T + b                             # 形状 (5, 2)
Y.sum().backward()
b.grad                                      # b_grad: ?
