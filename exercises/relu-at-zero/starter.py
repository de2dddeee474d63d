import torch


def f(x):
    # torch.relu(x): its values and its gradient
    ...


def grad_relu(x):
    # your prediction of the gradient of torch.relu(x).sum(), without autograd
    ...


def grad_clamp(x):
    # your prediction of the gradient of x.clamp(min=0).sum()
    ...


def grad_maximum(x):
    # your prediction of the gradient of torch.maximum(x, torch.zeros_like(x)).sum()
    ...


PREDICTIONS = {
    # What are the gradients at 0 of relu, clamp and maximum?  Three numbers
    # "at_zero": ...,
}
