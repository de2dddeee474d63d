"""English and Chinese."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from grader.errors import SettingsError
from grader.web.ui.languages import CATALOGUES
from tests.web.world import World

ROOT = Path(__file__).parents[3]
SOURCE = CATALOGUES / "zh" / "LC_MESSAGES" / "messages.po"


def test_the_catalogue_is_complete() -> None:
    """Every sentence of the pages is in it, translated, with the same placeholders; nothing else is."""
    wanted = {
        message[0] if isinstance(message, tuple) else message
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / "grader" / "web", [("**.py", "python"), ("**.html", "jinja2")]
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


def test_a_catalogue_that_is_not_compiled_is_said(
    make_world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese pages would be English, and nobody would know why."""
    target = tmp_path / "translations" / "zh" / "LC_MESSAGES"
    target.mkdir(parents=True)
    shutil.copy(SOURCE, target)
    monkeypatch.setattr("grader.web.ui.languages.CATALOGUES", tmp_path / "translations")
    with pytest.raises(SettingsError, match="make setup"):
        make_world()


def test_make_compiles_the_catalogue_and_again_when_it_changed() -> None:
    """``make setup``, on which every other target depends."""
    done = subprocess.run(
        ["make", "--dry-run", "--what-if", str(SOURCE.relative_to(ROOT)), "setup"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "pybabel" in done.stdout
