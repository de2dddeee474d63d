"""Truth values among the inputs: a function is handed Python's ``True`` or ``False``, not a tensor of it.

Prompts speak of "a ``use`` that is True or False", and ``use is True`` has to hold. Who treats it as a tensor
all the same (``torch.where(use, …)``, ``use.item()``) is right, too, as every other input is one: where a
bool fails for that reason, the function is called with the tensor. The harness itself keeps tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.model.values import Array


def with_truth_values(function: Callable[..., Any], given: tuple[Array, ...]) -> Callable[..., Any]:
    """``function``, which gets those of ``given`` that are one truth value each as Python's; itself where
    there is none.
    """
    single = (i for i, array in enumerate(given) if array.dtype == "bool" and not array.shape)
    values = {i: given[i].data != b"\0" for i in single}
    if not values:
        return function

    def called(*arguments: Any) -> Any:
        try:
            return function(*(values.get(i, argument) for i, argument in enumerate(arguments)))
        except (AttributeError, TypeError) as error:
            if "bool" not in str(error):
                raise
        return function(*arguments)

    return called
