"""CONTRIBUTING.md, "Add an API endpoint": its steps and no others give an endpoint that is described."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.contributing import follow, run

PROGRAM = """
import json, pathlib
from tests.web import world
from tests.web.test_queries import QUERIES
made = world.build(pathlib.Path("made"))
made.course("calc", "detach", ada="student")
path = "/api/v1/courses"
answer = made.client().get(path, headers=made.token("ada"))
stranger = made.client().get(path)
document = made.client().get("/openapi.json").get_json()
made.store.close()
print(json.dumps({
    "status": [answer.status_code, stranger.status_code],
    "body": answer.get_json(),
    "described": document["paths"].get(path, {}).get("get"),
    "schema": document["components"]["schemas"].get("CourseDescription"),
    "counted": "GET api.list_courses" in QUERIES,
}))
"""


def test_the_steps_for_an_endpoint_give_an_endpoint(tmp_path: Path) -> None:
    """It answers who has a token, and the OpenAPI document has its struct, summary and errors."""
    touched = follow("Add an API endpoint", tmp_path)
    assert len(set(touched)) == 3
    pybabel = [sys.executable, "-m", "babel.messages.frontend", "--quiet"]
    compiled = [*pybabel, "compile", "--directory", "grader/web/translations"]
    subprocess.run(compiled, cwd=tmp_path, check=True)
    told = run(tmp_path, PROGRAM)
    assert told["status"] == [200, 401]
    assert told["body"] == [{"slug": "calc", "title": "Course calc", "role": "student"}]
    assert told["described"]["operationId"] == "listCourses"
    assert told["described"]["summary"] == "The courses that one is in"
    assert set(told["described"]["responses"]) == {"200", "401"}
    assert set(told["schema"]["properties"]) == {"slug", "title", "role"}
    assert told["counted"]
