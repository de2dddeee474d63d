"""OpenAPI 3.1 document of the JSON API, made from the endpoints and the structs of their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from grader.web.api.endpoint import Endpoint
from grader.web.api.problems import CONTENT_TYPE, MEANINGS, Problem


def describe(endpoints: Iterable[Endpoint], prefix: str) -> dict[str, Any]:
    """The whole document as plain data. It names no exercise and no person.

    :param prefix: of every address.
    """
    listed = sorted(endpoints, key=lambda each: each.rule)
    types = [Problem, *(t for each in listed for t in (each.body, each.answer) if t is not None)]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in listed:
        path = prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.rule)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "grader", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(endpoint: Endpoint, schema_of: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    first, *others = endpoint.name.split("_")
    answer: dict[str, Any] = {"content": {"application/json": {"schema": schema_of[endpoint.answer]}}}
    if endpoint.headers:
        answer["headers"] = {
            name: {"schema": {"type": "string"}, "description": said}
            for name, said in endpoint.headers.items()
        }
    problem = {CONTENT_TYPE: {"schema": schema_of[Problem]}}
    operation: dict[str, Any] = {
        "operationId": first + "".join(map(str.capitalize, others)),
        "summary": endpoint.summary,
        "parameters": [
            {
                "name": each.name,
                "in": each.place,
                "required": each.place == "path",
                "schema": each.schema,
                "description": each.description,
            }
            for each in endpoint.parameters
        ],
        "responses": {
            **{str(status): {"description": said, **answer} for status, said in endpoint.answers.items()},
            **{
                str(status): {"description": MEANINGS[status], "content": problem}
                for status in sorted({401, *endpoint.errors})
            },
        },
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": schema_of[endpoint.body]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation
