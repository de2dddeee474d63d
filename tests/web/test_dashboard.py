"""The dashboard and the alert rules that are handed out: every metric they name is one of ``/metrics``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.store.judgings import Made, Times
from grader.store.tables import utcnow

from .world import World

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "monitoring"
ALERTS, DASHBOARD = FOLDER / "alerts.yml", FOLDER / "dashboard.json"
NAME = re.compile(r"\bgrader_[a-z_]+\b")
LABEL = re.compile(r'\b([a-z]+)(=~?)"([^"]*)"')
PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool (Debian: prometheus) is not installed")


def expressions() -> dict[str, str]:
    """What is asked of Prometheus, by where."""
    rules = re.findall(r"- alert: (\w+)\n\s+expr: (.+)\n", ALERTS.read_text(encoding="utf-8"))
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return dict(rules) | {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in board["panels"]
        for target in panel["targets"]
    }


@pytest.fixture
def exposition(world: World) -> str:
    """What ``/metrics`` says after a student's submission was graded."""
    now = utcnow()
    world.dispatcher.made = Made(times=Times(now, now, now))
    world.submit("ada")
    return world.client().get("/metrics").text


def test_there_are_five_alerts_and_each_says_what_to_do() -> None:
    text = ALERTS.read_text(encoding="utf-8")
    assert len(re.findall(r"- alert: \w+", text)) == 5
    assert len(re.findall(r"\n\s+summary: .+\n\s+description: .+", text)) == 5


def test_every_metric_and_label_that_is_named_is_there(exposition: str) -> None:
    """A misspelt name is no error to Prometheus: an alert on it never fires."""
    there = set(re.findall(r"^(grader_[a-z_]+)", exposition, re.MULTILINE))
    for where, expression in expressions().items():
        for name in NAME.findall(expression):
            assert name in there, f"{where}: {name}"
        for label, sign, value in LABEL.findall(expression):
            if (label, sign) != ("status", "=~"):
                assert f'{label}="{value}"' in exposition, f"{where}: {label}"


@needs_promtool
def test_promtool_takes_the_rules_and_every_query_of_the_dashboard(tmp_path: Path) -> None:
    """Each query as the expression of a rule, so that Prometheus' own parser reads it."""
    assert PROMTOOL is not None
    queries = [{"record": f"q{n}", "expr": expression} for n, expression in enumerate(expressions().values())]
    rules = tmp_path / "queries.yml"
    rules.write_text(json.dumps({"groups": [{"name": "queries", "rules": queries}]}), encoding="utf-8")
    said = subprocess.run(
        [PROMTOOL, "check", "rules", str(ALERTS), str(rules)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert "5 rules found" in said.stdout


@needs_promtool
def test_each_alert_fires_when_it_should_and_not_before(tmp_path: Path) -> None:
    """Figures of a quarter of an hour, by promtool: all is well, then each thing goes wrong."""
    assert PROMTOOL is not None
    well = {
        "grader_queued": "0x30",
        "grader_workers_alive": "2x30",
        'grader_oldest_seconds{phase="waiting",lane="interactive"}': "1x30",
        'grader_oldest_seconds{phase="put-off",lane="interactive"}': "0x30",
        "grader_set_aside": "0x30",
        'grader_requests_total{status="200"}': "0+100x30",
        'grader_requests_total{status="500"}': "0x30",
    }
    wrong = {
        "GraderGradesNothing": ("grader_workers_alive", "0x30"),
        "GraderVerdictsAreLate": ('grader_oldest_seconds{phase="waiting",lane="interactive"}', "45x30"),
        "GraderPutsOff": ('grader_oldest_seconds{phase="put-off",lane="interactive"}', "90x30"),
        "GraderSetAside": ("grader_set_aside", "3x30"),
        "GraderAnswersWithErrors": ('grader_requests_total{status="500"}', "0+2x30"),
    }
    tests = []
    for fires, (series, values) in [("", ("grader_queued", "0x30")), *wrong.items()]:
        figures = {**well, series: values}
        tests.append(
            {
                "interval": "30s",
                "input_series": [{"series": name, "values": each} for name, each in figures.items()],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                        "eval_time": "12m",
                        "exp_samples": [{"labels": "{}", "value": int(name == fires)}],
                    }
                    for name in wrong
                ],
            }
        )
    file = tmp_path / "tests.yml"
    file.write_text(
        json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "30s", "tests": tests}),
        encoding="utf-8",
    )
    said = subprocess.run([PROMTOOL, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
