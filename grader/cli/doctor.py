"""``grade doctor``: what isolation this machine gives."""

from __future__ import annotations

from collections.abc import Iterable

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from grader.cli.console import console
from grader.cli.options import FULL, OURS, debug_option, options
from grader.sandbox.probe import Layer, probe, whole


@click.command(short_help="Say what isolation this machine gives.")
@options(debug_option)
def doctor(debug: bool) -> int:  # noqa: ARG001
    """Say what isolation this machine gives, layer by layer, and what to do about what is missing."""
    layers = probe()
    out = console()
    out.print(doctor_table(layers))
    if whole(layers):
        out.print("\nFull isolation: grade serve may run here.")
        return FULL
    out.print("\nNot enough for grade serve. 'grade run' still works, in a plain process, and says so.")
    return OURS


def doctor_table(layers: Iterable[Layer]) -> RenderableType:
    """``grade doctor``: layer by layer, and what to do about each that is missing."""
    marks = {"ok": ("✓", "green"), "missing": ("✗", "red"), "weak": ("~", "yellow")}
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for layer in layers:
        mark, style = marks[layer.state]
        seen: list[RenderableType] = [Line(layer.seen)]
        if layer.state != "ok" and layer.mend:
            seen.append(Line(f"→ {layer.mend}", style="italic"))
        table.add_row(Line(mark, style=style), layer.name, Group(*seen))
    return table
