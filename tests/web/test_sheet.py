"""The style sheet: zipped for who takes that, and kept under an address that changes with it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from .world import World

SHEET = (Path(__file__).parents[2] / "grader" / "web" / "static" / "grader.css").read_bytes()


def address(world: World) -> str:
    """Where a page says that its sheet is."""
    found = re.search(r'<link rel="stylesheet" href="([^"]+)"', world.client().get("/sign-in").text)
    assert found is not None
    return found[1]


def test_the_sheet_is_zipped_once_and_kept_for_ever(world: World) -> None:
    """As it is for who does not take gzip; no cookie and no language changes it."""
    client, where = world.client(), address(world)
    zipped = client.get(where, headers={"Accept-Encoding": "br, gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == SHEET
    assert "immutable" in zipped.headers["Cache-Control"]
    assert zipped.headers["Vary"] == "Accept-Encoding"
    for encoding in ("", "identity", "gzip;q=0"):
        plain = client.get(where, headers={"Accept-Encoding": encoding})
        assert "Content-Encoding" not in plain.headers
        assert plain.data == SHEET
        assert plain.headers["Content-Type"].startswith("text/css")


def test_an_older_page_gets_todays_sheet_and_does_not_keep_it(world: World) -> None:
    """A page that was open while the server was upgraded is not left without one."""
    old = world.client().get("/static/grader-0123456789ab.css")
    assert old.data == SHEET
    assert old.headers["Cache-Control"] == "no-cache"
