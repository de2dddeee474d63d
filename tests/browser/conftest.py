"""One server and one browser for all tests here; a device of its own for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from grader.model.text import Language

from .world import BUILT, CHROMIUM, Device, Tab, World, context_options, launch

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them start a server."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without a screen.

    Of the session: a process is given other files between those of this folder, and each time that it left
    the folder, browser and server would end and begin anew.
    """
    missing = "" if CHROMIUM else "install chromium to test in a browser"
    if not BUILT.is_file():
        missing = "the pages' scripts are not built: make setup"
    if missing:
        # The tests' own settings are no business of grader/settings.py.
        if os.environ.get("CI"):  # noqa: TID251
            pytest.fail(f"in CI the pages are tested in a browser, too: {missing}")
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture(scope="session")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with a course. Asks for the browser first: without one nothing needs to be started."""
    made = World(tmp_path_factory.mktemp("served"))
    try:
        made.server.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def device(world: World, browser: Browser) -> Iterator[Callable[..., Device]]:
    """Makes devices. At the end none may have complained of anything that the test did not expect."""
    made: list[Device] = []

    def make(language: Language = "en", **options: object) -> Device:
        context = browser.new_context(**context_options(language, **options))
        made.append(Device(world, context, language, bool(options.get("java_script_enabled", True))))
        return made[-1]

    yield make
    complaints = [each for one in made for each in one.unforgiven()]
    for one in made:
        one.context.close()
    assert complaints == [], "the browser complained"


@pytest.fixture
def login(world: World) -> str:
    """A student whom no other test knows."""
    return world.account()


@pytest.fixture
def tab(device: Callable[..., Device], login: str) -> Tab:
    """That student's browser, signed in, with ``detach`` open."""
    opened = device().tab()
    opened.signed_in(login)
    opened.open()
    return opened
