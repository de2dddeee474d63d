"""Calling a function of the student's, whichever precision it was written for.

The default dtype is float64, as the inputs are: ``torch.ones(n) @ V`` meets them. Code that works in single
precision of its own accord (``x.float()``) and makes constants beside it counts on the default that torch
has otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import torch

_OTHER_DTYPE: Final = re.compile(r"dtype|expected scalar type|Float|Double")


def called(function: Callable[..., Any], arguments: list[torch.Tensor]) -> Any:
    """``function(*arguments)``; where it fails because two dtypes meet, once more with float32 as the
    default.
    """
    try:
        return function(*arguments)
    except RuntimeError as error:
        # A change in place is told with the tensor's type, "[torch.DoubleTensor [3]]", which is not to blame.
        if not _OTHER_DTYPE.search(str(error)) or "inplace operation" in str(error):
            raise
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32)
        try:
            return function(*arguments)
        except BaseException:  # noqa: BLE001 - it fails either way: the first error is the student's
            raise error from None
        finally:
            torch.set_default_dtype(default)
