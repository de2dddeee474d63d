import torch


def attend(q, K, V):
    # scores K q / sqrt(d), their softmax, and the rows of V added up with these weights
    ...


def grad_q(q, K, V):
    # your prediction of the gradient of attend(q, K, V).sum() with respect to q, without autograd
    ...


def grad_V(q, K, V):
    # your prediction of the gradient of attend(q, K, V).sum() with respect to V, without autograd
    ...


PREDICTIONS = {
    # What do the marked lines of the given code show?  Four numbers like [0, 0, 0, 0], and two
    # "q_grad": ...,
    # "V_grad": ...,
}
