"""A demo's doors: one click each, and only in a demo."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.web.app import create_app
from tests.web.world import World


def test_a_demo_lets_in_with_one_click_and_a_token(make_world: Callable[..., World]) -> None:
    """As its student and as its teacher; a forged post, a strange door and a missing account open nothing."""
    world = make_world()
    world.course("calc", "detach", ada="student", tess="instructor")
    logins = {"student": "ada", "instructor": "tess", "nobody": "gone"}
    app = create_app(world.settings, world.store, world.library, world.dispatcher, demo_logins=logins)
    app.config["TESTING"] = True
    for role, mark in (("student", "of 1 solved"), ("instructor", "/courses/calc/gradebook")):
        client = app.test_client()
        page = client.get("/sign-in").text
        assert f'action="/demo/{role}"' in page
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        assert client.get(f"/demo/{role}").status_code == 405
        assert client.post(f"/demo/{role}").status_code == 400
        assert client.get("/").status_code == 302
        form = {"csrf_token": token[1], "zone": "Asia/Tokyo"}
        for other in ("admin", "nobody"):
            assert client.post(f"/demo/{other}", data=form).status_code == 404
        assert client.post(f"/demo/{role}", data=form).location == "/"
        home = client.get("/").text
        assert mark in home
        assert "Asia/Tokyo" in client.get("/account").text


def test_elsewhere_there_are_no_doors(world: World) -> None:
    """Not even an address."""
    assert "demo" not in world.client().get("/sign-in").text
    for role in ("student", "instructor"):
        assert world.client().post(f"/demo/{role}").status_code == 404
