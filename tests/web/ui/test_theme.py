"""Light, dark, or as the device has it."""

from __future__ import annotations

from tests.web.world import World


def test_a_choice_is_made_by_a_link_and_remembered(world: World) -> None:
    """The switch goes round: auto, dark, light, auto."""
    client = world.client("ada")
    assert 'data-theme="auto"' in client.get("/").text
    assert 'href="?theme=dark"' in client.get("/").text
    assert 'data-theme="dark"' in client.get("/?theme=dark").text
    assert 'data-theme="dark"' in client.get("/account").text
    assert 'href="?theme=light"' in client.get("/account").text
    assert 'data-theme="auto"' in client.get("/?theme=auto").text
    assert 'data-theme="auto"' in client.get("/").text


def test_nonsense_is_no_theme(world: World) -> None:
    """What comes in a link or a cookie is looked up, never written."""
    client = world.client("ada")
    client.set_cookie("theme", '"><script>')
    page = client.get("/?theme=%22%3E%3Cscript%3E").text
    assert 'data-theme="auto"' in page
    assert "<script" not in page
