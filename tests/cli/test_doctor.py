"""``grade doctor``: layer by layer, and how to mend what is missing."""

from __future__ import annotations

from typing import Any

import pytest

from grader.sandbox.probe import Layer
from tests.cli.calling import Grade


class TestDoctor:
    @pytest.mark.parametrize(("state", "code", "words"), [
        ("ok", 0, "Full isolation"), ("weak", 0, "Full isolation"), ("missing", 3, "Not enough"),
    ])  # fmt: skip
    def test_it_says_layer_by_layer_what_is_there_and_how_to_mend_it(
        self, bare: Grade, monkeypatch: pytest.MonkeyPatch, state: Any, code: int, words: str
    ) -> None:
        layers = [Layer("kernel", "ok", "6.1"), Layer("namespaces", state, "refused", "enable them")]
        monkeypatch.setattr("grader.cli.doctor.probe", lambda: layers)
        ran = bare("doctor")
        assert ran.code == code and words in ran.out and "namespaces" in ran.out
        assert ("→ enable them" in ran.out) == (state != "ok")
