import torch

X = torch.randn(5, 3)                       # a batch of five examples
W = torch.randn(2, 3)
b = torch.zeros(2, requires_grad=True)

Y = X @ W.T + b                             # shape (5, 2)
Y.sum().backward()
b.grad                                      # b_grad: ?
