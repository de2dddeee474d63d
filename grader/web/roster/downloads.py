"""Files to download: tables as CSV, in which no cell is a formula (CSV injection)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from flask import Response

from grader.model.inert import as_cell


def csv_file(name: str, rows: Iterable[Sequence[str]]) -> Response:
    """A table as a file to be kept. The byte-order mark tells spreadsheets that it is UTF-8."""
    text = io.StringIO()
    csv.writer(text).writerows([as_cell(cell) for cell in row] for row in rows)
    return attachment(
        f"{name}.csv", ("\ufeff" + text.getvalue()).encode("utf-8", "replace"), "text/csv; charset=utf-8"
    )


def attachment(name: str, data: bytes, kind: str) -> Response:
    """Bytes to be kept under a name, of which only what is harmless in a header is left."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "download"
    return Response(
        data,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{safe}"', "Cache-Control": "no-store"},
    )
