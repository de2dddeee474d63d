import torch


class ScaledCube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, s):
        # keep what backward needs with ctx.save_for_backward(...), and return s * x**3
        ...

    @staticmethod
    def backward(ctx, grad_output):
        # return one gradient for x and one for s
        ...


def f(x, s):
    # return ScaledCube.apply(x, s)
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "x_grad": ...,
    # What must backward return for a flag?  "none", "zero" or "nothing"
    # "for_flag": ...,
}
