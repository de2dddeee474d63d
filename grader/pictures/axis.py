"""Axis ticks: few numbers, round ones, written short.

How many at most is up to who draws: ``svg_curve`` on a page, ``cli.pictures.curve`` in a terminal.
"""

from __future__ import annotations

import math
from typing import Final


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most so many round numbers between ``low`` and ``high``: steps of 1, 2 or 5 times a power of ten.

    :param low: finite and below ``high``.
    """
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    for step in (power, 2 * power, 5 * power, 10 * power, 20 * power):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            break
    return [n * step for n in range(first, last + 1)]


def written(y: float) -> str:
    """``y`` with six significant digits: ``0.5``, ``-200000``, ``1e7``."""
    return f"{y + 0.0:.6g}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e")


_RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def tick_written(y: float) -> str:
    """A tick's number: as :func:`written`, but ``10⁴`` and ``-10⁻⁶`` for powers of ten that it cuts short."""
    text = written(y)
    power = round(math.log10(abs(y))) if y else 0
    if -3 < power < 4 or written(10.0**power) != text.lstrip("-"):
        return text
    return f"{'-' if y < 0 else ''}10{str(power).translate(_RAISED)}"
