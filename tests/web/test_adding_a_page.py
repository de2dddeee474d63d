"""CONTRIBUTING.md, "Add a page": its steps and no others give a page in both languages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.contributing import follow, run

PROGRAM = """
import json, pathlib, sys
from datetime import UTC, datetime
from grader.store import courses
from tests.web import world
from tests.web.ui.test_languages import test_the_catalogue_is_complete
from tests.web.test_queries import EXEMPT, QUERIES
made = world.build(pathlib.Path("made"))
course = made.course("calc", "detach", ada="student")
with made.store.write() as transaction:
    courses.assign(transaction, course, "detach", due=datetime(2030, 1, 2, tzinfo=UTC))
test_the_catalogue_is_complete()
routes = {rule.endpoint for rule in made.app.url_map.iter_rules()}
counted = {each.partition("?")[0].partition(" ")[2] for each in QUERIES} | set(EXEMPT)
path = "/courses/calc/deadlines"
answers = [made.client("ada").get(f"{path}?lang={code}") for code in ("en", "zh")]
stranger = made.client().get(path)
made.store.close()
print(json.dumps({
    "status": [each.status_code for each in (*answers, stranger)],
    "text": [each.text for each in answers],
    "uncounted": sorted(routes - counted),
}))
"""


def test_the_steps_for_a_page_give_a_page(tmp_path: Path) -> None:
    """In English and in Chinese, for who may see it; its sentences and its cost are written down."""
    touched = follow("Add a page", tmp_path)
    assert len(set(touched)) == 5
    pybabel = [sys.executable, "-m", "babel.messages.frontend", "--quiet"]
    compiled = [*pybabel, "compile", "--directory", "grader/web/translations"]
    subprocess.run(compiled, cwd=tmp_path, check=True)
    told = run(tmp_path, PROGRAM)
    assert told["status"] == [200, 200, 302]
    english, chinese = told["text"]
    assert "<h1>Deadlines</h1>" in english and "2030-01-02" in english
    assert "<h1>截止时间</h1>" in chinese
    assert told["uncounted"] == []
