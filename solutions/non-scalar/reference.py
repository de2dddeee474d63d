"""Section 2.5.2: f squares each entry, so its Jacobian is diag(2x) and vᵀJ = 2x ⊙ v."""


def f(x):
    return x * x


def closed_form(x):
    """The author's own gradient of sum(f(x)) by x, against which autograd is proved."""
    return 2 * x


def answers(numbers):
    x = numbers.clone().requires_grad_()
    y = x * x
    y.sum().backward()
    return {"x_grad": x.grad}
