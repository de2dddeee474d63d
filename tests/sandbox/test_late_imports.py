"""Ordinary uses of torch import nothing; what is put off is there as soon as it is asked for."""

from __future__ import annotations

import pytest

from grader.model.observation import Raised, Returned
from grader.sandbox.pool import Pool

from .jobs import job, plain

USES = {
    "backward of a vector": "(x * x).backward(torch.ones(3))",
    "grad of a vector": "torch.autograd.grad(x * x, x, torch.ones(3))",
    "hvp": "torch.autograd.functional.hvp(lambda a: (a**3).sum(), x, x)",
    "func.grad": "torch.func.grad(lambda a: (a * a).sum())(x.detach())",
    "vmap": "torch.vmap(torch.func.grad(lambda a: (a * a).sum()))(torch.ones(2, 3))",
    "jacrev": "torch.func.jacrev(lambda a: a * a)(x.detach())",
    "SGD": "(x * x).sum().backward(); torch.optim.SGD([x], lr=0.1).step()",
    "Adam": "(x * x).sum().backward(); torch.optim.Adam([x], lr=0.1).step()",
    "gradcheck": "torch.autograd.gradcheck(lambda a: a * a, (x,))",
}


@pytest.mark.parametrize("use", USES)
def test_a_use_imports_no_other_package(use: str, pool: Pool) -> None:
    """Else sympy or the compiler of torch would be imported, for seconds."""
    source = f"""
        import sys
        import torch

        def packages():
            return {{n.partition(".")[0] for n in sys.modules}} | {{n for n in sys.modules if "dynamo." in n}}

        def use():
            x = torch.ones(3, requires_grad=True)
            before = packages()
            {USES[use]}
            return [name for name in packages() - before]
        """
    outcome = pool.run(job(source, "use")).outcomes["use"]
    assert isinstance(outcome, Returned)
    assert plain(outcome.value) == []


def test_shapes_are_still_compared(pool: Pool) -> None:
    """With torch's own sentence."""
    source = """
        import torch
        def use():
            x = torch.ones(3, requires_grad=True)
            (x * x).backward(torch.ones(2))
        """
    outcome = pool.run(job(source, "use")).outcomes["use"]
    assert isinstance(outcome, Raised)
    assert "Mismatch in shape" in outcome.message


def test_what_is_put_off_can_be_had(pool: Pool) -> None:
    """As a package, as an attribute, and by name out of a module."""
    source = """
        import torch
        def package():
            import torch._dynamo.config
            return torch._dynamo.config.cache_size_limit > 0
        def attribute():
            return callable(torch._dynamo.optimize)
        def name():
            from torch.fx.experimental.symbolic_shapes import guard_bool
            return guard_bool(True)
        """
    found = pool.run(job(source, "package", "attribute", "name", case_seconds=30, total_seconds=60)).outcomes
    assert [plain(found[n].value) for n in ("package", "attribute", "name")] == [True] * 3  # type: ignore[union-attr]
