"""Static files: the style sheet and the pages' scripts, where they are loaded and how they are served."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.web.world import World

URL = "/courses/calc/detach"
STATIC = Path(__file__).parents[3] / "grader" / "web" / "static"
SHEET = (STATIC / "grader.css").read_bytes()


@pytest.fixture
def built(world: World, tmp_path: Path) -> Path:
    """A bundle of one line, in a static folder of its own."""
    folder = tmp_path / "static" / "built"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"exercise": "exercise-ABC.js"}))
    (folder / "exercise-ABC.js").write_text("let it = 1;")
    (folder / "exercise-ABC.js.gz").write_bytes(gzip.compress(b"let it = 1;"))
    world.app.static_folder = str(folder.parent)
    return folder


def test_only_the_page_with_an_editor_loads_a_script(world: World, built: Path) -> None:
    """Its policy lets that one script in, by a nonce that is new each time; every other page has none."""
    client = world.client("ada")
    page = client.get(URL)
    policy = page.headers["Content-Security-Policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert len(nonce) > 16
    assert f'src="/static/built/exercise-ABC.js" nonce="{nonce}"' in page.text
    assert "unsafe" not in policy
    assert nonce not in client.get(URL).headers["Content-Security-Policy"]
    for path in ("/", "/account", f"{URL}/attempts"):
        other = client.get(path)
        assert "<script" not in other.text
        assert "script-src" not in other.headers["Content-Security-Policy"]


def test_a_page_works_where_nothing_was_built(world: World, tmp_path: Path) -> None:
    """Then it is a form and no more."""
    world.app.static_folder = str(tmp_path)
    page = world.client("ada").get(URL)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert 'name="source"' in page.text


def test_a_bundle_is_sent_as_it_was_gzipped_and_kept_for_ever(world: World, built: Path) -> None:
    """To who takes gzip; as it is to others. Nothing else of the folder is a bundle."""
    client = world.client()
    address = "/static/built/exercise-ABC.js"
    with client.get(address, headers={"Accept-Encoding": "gzip"}) as zipped:
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(zipped.data) == b"let it = 1;"
        assert "immutable" in zipped.headers["Cache-Control"]
        assert zipped.headers["Content-Type"].startswith("text/javascript")
    with client.get(address) as plain:
        assert "Content-Encoding" not in plain.headers
        assert plain.data == b"let it = 1;"
    assert client.get("/static/built/manifest.json").status_code == 404
    assert client.get("/static/built/../grader.css").status_code == 404


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


def test_several_sheets_are_sent_as_one(world: World) -> None:
    """In the order in which they are named; not one twice, and none that is not there."""
    client = world.client("ada")
    found = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/courses/calc/detach").text)
    (one,) = found
    sheet = client.get(one)
    assert "immutable" in sheet.headers["Cache-Control"]
    names = ("graph", "onward", "given", "plot", "grader", "panes")
    parts = [(STATIC / f"{name}.css").read_bytes() for name in names]
    assert sheet.data == b"\n".join(parts)
    other = client.get("/static/plot+graph-0123456789ab.css")
    assert other.data == b"\n".join([parts[3], parts[0]]) and other.headers["Cache-Control"] == "no-cache"
    for wrong in ("plot+plot", "plot+", "plot+none", "+"):
        assert client.get(f"/static/{wrong}-0123456789ab.css").status_code == 404


def test_an_older_page_gets_todays_sheet_and_does_not_keep_it(world: World) -> None:
    """A page that was open while the server was upgraded is not left without one."""
    old = world.client().get("/static/grader-0123456789ab.css")
    assert old.data == SHEET
    assert old.headers["Cache-Control"] == "no-cache"
