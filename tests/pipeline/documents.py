"""A small valid document, made anew for each test, which may then break it."""

from __future__ import annotations

from typing import Any


def small_document() -> dict[str, Any]:
    """A fresh, minimal, valid OpenAPI 3.1 document.

    One tag (`Robot`), two components (`def-1`, titled `Robot`, and `def-2`, titled `Robot Arm`), and three operations:
    `listRobot`, `getRobot` and `patchRobot`, with query, path and body parameters.
    """
    return {
        "openapi": "3.1.0",
        "info": {"title": "Robots", "version": "1.0.0", "description": "An API of robots."},
        "servers": [{"url": "https://robots.example"}],
        "security": [{"ApiKeyAuth": []}],
        "tags": [{"name": "Robot", "description": "A machine that does as it is told."}],
        "components": {
            "securitySchemes": {"ApiKeyAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "def-1": {
                    "title": "Robot",
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "format": "uuid", "readOnly": True},
                        "name": {"type": "string", "description": "What people call it."},
                        "status": {
                            "type": "integer",
                            "enum": [0, 1, -1],
                            "x-enumDescriptions": {"0": "Asleep", "1": "Awake", "-1": "Broken"},
                        },
                        "arms": {"type": "array", "items": {"$ref": "#/components/schemas/def-2"}},
                        "owner": {"type": ["string", "null"]},
                    },
                    "required": ["id", "name"],
                    "additionalProperties": False,
                },
                "def-2": {
                    "title": "Robot Arm",
                    "type": "object",
                    "properties": {
                        "length": {"type": "number", "minimum": 0},
                        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    },
                    "required": ["length"],
                },
            },
        },
        "paths": {
            "/api/robots": {
                "get": {
                    "operationId": "listRobot",
                    "summary": "List robots",
                    "tags": ["Robot"],
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
                        {"name": "starting_after", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": {
                        "200": _json(
                            "A page of robots.",
                            {
                                "type": "object",
                                "properties": {
                                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/def-1"}},
                                    "next_starting_after": {"type": "string"},
                                },
                                "required": ["items"],
                            },
                        ),
                        "401": _error(401, "Unauthorized"),
                    },
                },
            },
            "/api/robots/{id}": {
                "get": {
                    "operationId": "getRobot",
                    "summary": "Get a robot",
                    "tags": ["Robot"],
                    "parameters": [_id()],
                    "responses": {
                        "200": _json("The robot.", {"$ref": "#/components/schemas/def-1"}),
                        "404": _error(404, "Not Found"),
                    },
                },
                "patch": {
                    "operationId": "patchRobot",
                    "summary": "Change a robot",
                    "tags": ["Robot"],
                    "parameters": [_id()],
                    "requestBody": {
                        "required": True,
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "name": {"type": "string"},
                                        "mood": {
                                            "anyOf": [
                                                {"type": "string", "enum": ["glad", "sad"]},
                                                {"type": "null"},
                                            ]
                                        },
                                    },
                                },
                                "example": {"name": "Marvin", "mood": "sad"},
                            }
                        },
                    },
                    "responses": {"200": _json("The robot.", {"$ref": "#/components/schemas/def-1"})},
                },
            },
        },
    }


def _id() -> dict[str, Any]:
    return {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _error(status: int, error: str) -> dict[str, Any]:
    schema = {
        "type": "object",
        "properties": {
            "statusCode": {"type": "number", "enum": [status]},
            "error": {"type": "string", "enum": [error]},
            "message": {"type": "string"},
        },
        "required": ["statusCode", "error", "message"],
    }
    return _json(error, schema)
