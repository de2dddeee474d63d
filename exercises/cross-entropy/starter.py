import torch


def f(logits, targets):
    # the mean over the rows of -log softmax(row)[target]
    ...


def grad_f(logits, targets):
    # your prediction of the gradient with respect to the logits, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two rows of four numbers,
    # like [[0, 0, 0, 0], [0, 0, 0, 0]]
    # "logits_grad": ...,
}
