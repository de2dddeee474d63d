import torch


def expected(theta, r):
    # the expected reward: the sum of p_k r_k, with p the softmax of theta
    ...


def surrogate(theta, r):
    # the sum of detach(p_k) r_k log(p_k)
    ...


def grad_theta(theta, r):
    # your prediction of the gradient of expected(theta, r) with respect to theta, without autograd
    ...


PREDICTIONS = {
    # What does the last line of the given code show?  Two numbers like [0, 0]
    # "theta_grad": ...,
    # And if 10 is added to every reward?  "same", "ten" or "weighted"
    # "ten_more": ...,
}
