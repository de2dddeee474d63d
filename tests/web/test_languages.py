"""English and Chinese."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from grader.web.languages import CATALOGUES, compile_catalogues

from .world import World

ROOT = Path(__file__).parents[2]
SOURCE = CATALOGUES / "zh" / "LC_MESSAGES" / "messages.po"


def test_the_catalogue_is_complete() -> None:
    """Every sentence of the pages is in it, translated, with the same placeholders; nothing else is."""
    wanted = {
        message[0] if isinstance(message, tuple) else message
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / "grader" / "web", [("**.py", "python"), ("templates/**.html", "jinja2")]
        )
    }
    with SOURCE.open("rb") as file:
        catalogue = read_po(file)
    have = {}
    for message in catalogue:
        if message.id:
            one = message.id[0] if isinstance(message.id, tuple) else message.id
            have[one] = message
            assert all(message.string if isinstance(message.string, tuple) else (message.string,)), one
            assert not message.fuzzy, one
            assert not list(message.check(catalogue)), one
    assert set(have) == wanted


def test_the_choice_is_parameter_then_cookie_then_account_then_browser(world: World) -> None:
    """Each beats the next."""
    world.user("xiao", language="zh")
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}

    def language(
        client_of: str | None, path: str = "/account", cookie: str = "", headers: dict[str, str] | None = None
    ) -> str:
        client = world.client(client_of)
        if cookie:
            client.set_cookie("lang", cookie)
        page = client.get(path, headers=headers or {}).text
        return page.partition('<html lang="')[2].partition('"')[0]

    assert language(None, "/sign-in") == "en"
    assert language(None, "/sign-in", headers=chinese) == "zh-Hans"
    assert language(None, "/sign-in", headers={"Accept-Language": "fr"}) == "en"
    assert language("ada", headers=chinese) == "en"
    assert language("xiao") == "zh-Hans"
    assert language("xiao", cookie="en") == "en"
    assert language("xiao", cookie="nonsense") == "zh-Hans"
    assert language("xiao", "/account?lang=en", cookie="zh") == "en"


def test_a_choice_is_remembered(world: World) -> None:
    """The switch is a link; its wish outlives the page."""
    client = world.client("ada")
    assert "退出" in client.get("/?lang=zh").text
    assert "退出" in client.get("/").text
    assert "lang=en" in client.get("/").text


def folder(tmp_path: Path) -> Path:
    """A copy of the catalogues without anything compiled."""
    target = tmp_path / "translations"
    shutil.copytree(CATALOGUES, target, ignore=shutil.ignore_patterns("*.mo"))
    return target


def test_a_missing_or_older_catalogue_is_compiled(tmp_path: Path) -> None:
    """A fresh one is left alone."""
    sources = folder(tmp_path)
    compiled = sources / "zh" / "LC_MESSAGES" / "messages.mo"
    assert compile_catalogues(tmp_path / "data", sources) == sources
    first = compiled.stat().st_mtime_ns
    compile_catalogues(tmp_path / "data", sources)
    assert compiled.stat().st_mtime_ns == first
    os.utime(compiled, (1, 1))
    compile_catalogues(tmp_path / "data", sources)
    assert compiled.stat().st_mtime_ns > 10**9
    assert not (tmp_path / "data").exists()


def test_a_read_only_package_compiles_elsewhere(tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """An installed package often belongs to root."""
    import tempfile

    sources = folder(tmp_path)
    real = tempfile.mkstemp

    def refusing(*, dir: Path) -> tuple[int, str]:
        if sources in Path(dir).parents:
            raise PermissionError
        return real(dir=dir)

    monkeypatch.setattr("grader.web.languages.tempfile.mkstemp", refusing)
    data = tmp_path / "data"
    assert compile_catalogues(data, sources) == data
    assert (data / "zh" / "LC_MESSAGES" / "messages.mo").exists()
    assert compile_catalogues(data, sources) == data
