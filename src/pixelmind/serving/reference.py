"""The API's reference as one HTML page made from its OpenAPI: no script, nothing from another host."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; --dim: #6b7280; --code: #8881; }
@media (prefers-color-scheme: dark) { :root { --dim: #9ca3af; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: .4rem 0; } details { border-bottom: 1px solid var(--line); }
details > div { padding: 0 0 1rem 1rem; }
code, .method { font-family: ui-monospace, monospace; background: var(--code); padding: .1rem .3rem; border-radius: 3px; }
.method { display: inline-block; min-width: 4.2em; text-align: center; font-weight: 600; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; }
th, .dim { color: var(--dim); font-weight: 400; }
""".strip()


def page(api: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    groups: dict[str, list[str]] = {}
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_operation(path, method, operation))
    schemas = api.get("components", {}).get("schemas", {})
    parts = [f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in groups.items()]
    models = "".join(_schema(name, schema) for name, schema in sorted(schemas.items()))
    about = api["info"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(about["title"])} API</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs/style.css"></head>'
        f'<body><h1>{escape(about["title"])} API</h1><p class="dim">{escape(about["version"])} · '
        f'<a href="/openapi.json">openapi.json</a> · <a href="/">studio</a></p><p>{escape(about.get("description", ""))}</p>'
        f"{''.join(parts)}<h2>Models</h2>{models}</body></html>"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = [
        (
            p["name"],
            p["in"],
            _type(p.get("schema", {})),
            p.get("description", p.get("schema", {}).get("description", "")),
        )
        for p in operation.get("parameters", [])
    ]
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        rows.append(("body", kind, _type(content.get("schema", {})), ""))
    answers = [
        (
            status,
            ", ".join(_type(c.get("schema", {})) for c in answer.get("content", {}).values()),
            "",
            answer["description"],
        )
        for status, answer in operation.get("responses", {}).items()
    ]
    inside = (
        f'<p>{escape(operation.get("description", ""))}</p>{_table(rows)}<p class="dim">Answers</p>{_table(answers)}'
    )
    head = f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code> {escape(operation.get("summary", ""))}'
    return f"<details><summary>{head}</summary><div>{inside}</div></details>"


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        (field, _type(about), "" if field in required else "may be left out", about.get("description", ""))
        for field, about in schema.get("properties", {}).items()
    ]
    link = escape(name, quote=True)
    text = escape(schema.get("description", ""))
    return f'<details id="{link}"><summary><code>{link}</code> {text}</summary><div>{_table(rows)}</div></details>'


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    return "<table>" + "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in rows) + "</table>"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return " or ".join(_type(s) for s in schema[key])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = f" {low} to {high}" if low is not None and high is not None else ""
    return f"{schema.get('type', 'any')}{bounds}"
