"""A guest's try with the real jail, through the web: right, wrong, and broken."""

from __future__ import annotations

from pathlib import Path

from grader.dispatch.embedded import EmbeddedDispatcher
from grader.exercises import Library
from grader.grading import Truths, grade
from grader.grading.illustrate import draw
from grader.sandbox.pool import Pool
from grader.settings import Settings
from grader.store import courses
from grader.store.database import Store
from grader.web.app import create_app

ROOT = Path(__file__).resolve().parents[3]
URL = "/courses/open/detach"


def test_right_wrong_and_broken(pool: Pool, library: Library, truths: Truths, tmp_path: Path) -> None:
    """Full marks with insight and pictures; a reason; the line of an error; and hidden cases stay hidden."""
    settings = Settings(data=tmp_path, secret_key="k" * 40, submit_limit=None, read_limit=None)
    store = Store.open(settings.database_url)
    with store.write() as session:
        course = courses.add_course(session, "open", "Open")
        courses.assign(session, course.id, "detach")
        courses.open_to_guests(session, course.id, guests=True)
    dispatcher = EmbeddedDispatcher(
        store,
        lambda exercise, submission: grade(exercise, submission, pool, truths),
        library.get,
        illustrate=lambda exercise, submission, report: draw(exercise, submission, pool, truths, report),
    ).start()
    try:
        app = create_app(settings, store, library, dispatcher)
        app.config["WTF_CSRF_ENABLED"] = False
        guest = app.test_client()

        def told(source: str) -> str:
            return guest.post(URL, data={"source": source}).text

        right = told((ROOT / "solutions/detach/accepted/01_as_in_the_text.py").read_text(encoding="utf-8"))
        assert "10 of 10 points" in right and "Q-learning" in right and 'class="pictures"' in right
        wrong = told((ROOT / "solutions/detach/rejected/no_detach.py").read_text(encoding="utf-8"))
        assert 'data-verdict="failed"' in wrong and 'class="hint"' in wrong
        assert "2 tries in this session" in wrong and "best 10 of 10" in wrong
        broken = told("def f(x):\n    return x +\n")
        assert "SyntaxError" in broken and "line 2" in broken
        table = told("def f(x):\n    print(x)\n    return x\n")
        assert 0 < table.count("tensor(") <= 2, "only the two visible inputs are printed"
    finally:
        dispatcher.close()
        store.close()
