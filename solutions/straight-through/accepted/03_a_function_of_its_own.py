#: score = 10
import torch


class Straight(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.round(x)

    @staticmethod
    def backward(ctx, g):
        return g


f = Straight.apply


def grad_loss(x, t):
    # y^2 - 2yt + t^2 by y, with y rounded
    y = torch.round(x)
    return y + y - t - t


PREDICTIONS = dict(rounded_grad=0, x_grad=1)
