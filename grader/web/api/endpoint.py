"""Endpoint of the JSON API: a view, and what the OpenAPI document says of it, in one place.

::

    endpoints = Endpoints()

    @endpoints.get("/exercises/<slug>", "The exercise.", parameters=(SLUG, LANGUAGE), errors=(404,))
    def show_exercise(slug: str) -> ExerciseDetail:
        \"""What a student may see of one exercise.\"""

The answer's schema is the struct that the view returns, the summary is its docstring's first line, the
operation's id its name. :mod:`grader.web.api.document` makes the document of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from flask import Blueprint, Response

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Answer(Generic[T]):
    """What a view returns that chooses a status or headers; a bare struct is answered with 200."""

    body: T
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameter:
    """A parameter as the document describes it. ``schema`` is JSON Schema."""

    name: str
    place: Literal["path", "query", "header"]
    schema: Mapping[str, Any]
    description: str


LANGUAGE = Parameter("lang", "query", {"enum": ["en", "zh"]}, "The language of sentences.")


@dataclass(frozen=True)
class Endpoint:
    """A view and all that is said of it.

    :ivar answers: status → what it means. :ivar answer: the type of what the view returns.
    :ivar body: the type of a request's body, None where there is none.
    :ivar headers: of the answers, name → description. :ivar errors: statuses of problems.
    """

    method: str
    rule: str
    view: Callable[..., Any]
    answers: Mapping[int, str]
    parameters: tuple[Parameter, ...]
    errors: tuple[int, ...]
    body: type | None
    headers: Mapping[str, str]

    @property
    def answer(self) -> Any:
        hint = get_type_hints(self.view)["return"]
        return get_args(hint)[0] if get_origin(hint) is Answer else hint

    @property
    def name(self) -> str:
        return self.view.__name__

    @property
    def summary(self) -> str:
        return (self.view.__doc__ or "").partition("\n")[0].removesuffix(".")


class Endpoints:
    """The endpoints of one module."""

    def __init__(self) -> None:
        self._endpoints: list[Endpoint] = []

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._endpoints)

    def get(
        self,
        rule: str,
        answer: str,
        *,
        parameters: tuple[Parameter, ...] = (),
        errors: tuple[int, ...] = (),
    ) -> Callable[[View], View]:
        """A view that answers GET. ``answer``: what its 200 means. 401 is among every endpoint's errors."""
        return self._route("GET", rule, {200: answer}, parameters, errors, None, {})

    def post(
        self,
        rule: str,
        answers: Mapping[int, str],
        *,
        body: type,
        parameters: tuple[Parameter, ...] = (),
        errors: tuple[int, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Callable[[View], View]:
        """A view that answers POST."""
        return self._route("POST", rule, answers, parameters, errors, body, headers or {})

    def _route(self, method: str, rule: str, *said: Any) -> Callable[[View], View]:
        def keep(view: View) -> View:
            self._endpoints.append(Endpoint(method, rule, view, *said))
            return view

        return keep

    def register(self, blueprint: Blueprint) -> None:
        """Add the views to the blueprint, with their answers encoded."""
        for each in self:
            blueprint.add_url_rule(each.rule, each.name, _encoded(each.view), methods=[each.method])


def _encoded(view: Callable[..., Any]) -> Callable[..., Response]:
    @wraps(view)
    def answer(**values: Any) -> Response:
        found = view(**values)
        if not isinstance(found, Answer):
            found = Answer(found)
        response = Response(
            msgspec.json.encode(found.body), found.status, content_type="application/json"
        )  # fmt: skip
        response.headers.extend(found.headers)
        return response

    return answer
