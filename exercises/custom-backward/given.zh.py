import torch


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, grad_output):
        return 10 * grad_output      # 故意这样写


x = torch.tensor([1.0, 4.0], requires_grad=True)
y = Double.apply(x)
(3 * y).sum().backward()
x.grad                               # x_grad: ?
