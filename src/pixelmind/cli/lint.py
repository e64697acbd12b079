"""`pixelmind lint`: what pixel artists call faults, counted exactly, in a table and in a marked-up picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixelmind.cli import output
from pixelmind.errors import BadInput

if TYPE_CHECKING:
    from pixelmind.quality.lint import LintReport
    from pixelmind.records import U8

SUFFIXES = (".png", ".gif", ".bmp", ".webp", ".jpg", ".jpeg", ".aseprite", ".ase")
MARKED = "-lint.png"
RULE_HELP = (
    "Only this rule; repeat it for more: mixels, semi-clear, specks, pinholes, orphans, noise, jaggies, doubles, broken-outline, halo, "
    "banding, pillow, near-colors, colors, off-palette."
)


def lint(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGE|FOLDER...", help="Pictures at native size, or folders of them.")
    ],
    max_colors: Annotated[int | None, typer.Option(help="Budget of colours. Default: by size.")] = None,
    palette: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Palette that must be kept to, built in or a file.")
    ] = None,
    rule: Annotated[list[str] | None, typer.Option(metavar="NAME", help=RULE_HELP)] = None,
    all: Annotated[
        bool, typer.Option("--all", help="Hold every count against a picture, not only what real art seldom has.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where anything is found.")] = False,
    marked: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER|PNG", help=f"Write marked-up pictures: NAME{MARKED} in a folder, or one PNG."),
    ] = None,
    scale: Annotated[int | None, typer.Option(help="Screen px a cell in marked-up pictures, 1 to 64.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Count what pixel artists call faults: orphans, jaggies, mixels, banding, halos, broken outlines, colours …

    Of an animation every frame is counted. A finding is what real pictures of the size seldom have; the table shows the other counts too.
    Files that cannot be read are named at the end, and the exit code is 2.
    """
    from pixelmind.pixels import palettes
    from pixelmind.pixels.reading import read_canvases
    from pixelmind.quality import lint as linter
    from pixelmind.quality.lint import markup
    from pixelmind.quality.lint.base import plural

    chosen = palettes.resolve(palette) if palette is not None else None
    if max_colors is not None and max_colors < 1:
        raise BadInput(f"--max-colors {max_colors} is out of range: use 1 or more")
    if scale is not None and not 1 <= scale <= 64:
        raise BadInput(f"--scale {scale} is out of range: use 1 to 64")
    linter.named(rule or ())
    done: list[tuple[Path, int | None, U8, LintReport]] = []
    failed: list[tuple[Path, str]] = []
    for path in _pictures(images):
        try:
            frames = read_canvases(path)
            reports = [
                linter.lint(rgba, max_colors=max_colors, palette=chosen, rules=rule or (), everything=all)
                for rgba in frames
            ]
        except BadInput as error:
            failed.append((path, str(error) if str(path) in str(error) else f"{path}: {error}"))
            continue
        numbers = [i + 1 if len(frames) > 1 else None for i in range(len(frames))]
        done += zip([path] * len(frames), numbers, frames, reports)
    if not done and len(failed) == 1:
        raise BadInput(failed[0][1])
    targets = output.targets(marked if done else None, [(path, frame) for path, frame, _, _ in done], MARKED)
    for (path, frame, rgba, report), target in zip(done, targets):
        output.write(target, markup.draw(rgba, report, linter.RULES, _title(path.name, frame, report), scale))
    found = sum(len(report.findings) for *_, report in done)
    if json:
        rows = [_record(path, frame, report) for path, frame, _, report in done]
        for row, target in zip(rows, targets):
            row["marked"] = str(target.resolve())
        errors = [{"path": str(path.resolve()), "error": message} for path, message in failed]
        output.print_json({"pictures": rows, "findings": found, "errors": errors})
    else:
        for path, frame, _, report in done:
            print("\n".join(_table(path, frame, report)))
        for target in targets:
            print(target.resolve())
        if len(done) > 1:
            clean = sum(not report.findings for *_, report in done)
            output.log(f"{len(done)} pictures, {clean} with nothing found, {plural(found, 'finding')}")
    for _, message in failed:
        output.log(f"error: {message}")
    if failed:
        raise typer.Exit(2)
    if strict and found:
        raise typer.Exit(1)


def _pictures(given: Sequence[Path]) -> list[Path]:
    """Files, and of folders all pictures in them in alphabetical order but for our own marked-up ones."""
    paths: list[Path] = []
    for path in map(Path.expanduser, given):
        if not path.is_dir():
            paths.append(path)
            continue
        inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
        inside = [p for p in inside if not p.name.endswith(MARKED)]
        if not inside:
            raise BadInput(f"{path} holds no picture ({' '.join(SUFFIXES)})")
        paths += inside
    return paths


def _title(name: str, frame: int | None, report: LintReport) -> str:
    from pixelmind.quality.lint.base import plural

    height, width = report.size
    true = f", enlarged {report.factor} times" if report.factor > 1 else ""
    return f"{name}{f' frame {frame}' if frame else ''}   {width}x{height}{true}, {plural(report.colors, 'colour')}"


def _table(path: Path, frame: int | None, report: LintReport) -> list[str]:
    """Lines for people: the picture, then what was counted, findings with a mark and their advice."""
    from pixelmind.quality.lint import RULES
    from pixelmind.quality.lint.base import plural

    count = len(report.findings)
    said = plural(count, "finding") if count else "nothing found"
    lines = [f"{_title(str(path), frame, report)}: {said}"]
    red, plain = ("\x1b[31m", "\x1b[0m") if output.colored() else ("", "")
    for f in report.counts:
        if not f.count:
            continue
        rule = RULES[f.rule]
        usual = f"usual to {_percent(f.usual)}" if f.usual and f.rule != "colors" else ""
        mark = f"{red}!{plain}" if f.fault else " "
        line = f"  {mark} {f.rule:15}{plural(f.count, rule.unit):>14}  {_percent(f.share):>6} of {rule.of:19}{usual:16}"
        told = f.message.removeprefix(f"{plural(f.count, rule.unit)}: ") if f.fault else ""
        lines.append(f"{line}{told}".rstrip())
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"


def _record(path: Path, frame: int | None, report: LintReport) -> dict[str, Any]:
    """One picture of `--json`; cells are [x, y] of the picture at its true size."""
    step = report.factor
    counts = [
        {
            "rule": f.rule,
            "count": f.count,
            "share": round(f.share, 6),
            "usual": f.usual,
            "fault": f.fault,
            "message": f.message,
            "cells": [[int(x), int(y)] for y, x in zip(*f.cells[::step, ::step].nonzero())],
        }
        for f in report.counts
    ]
    return {
        "path": str(path.resolve()),
        "frame": frame,
        "width": report.size[1],
        "height": report.size[0],
        "enlarged": step,
        "colors": report.colors,
        "findings": len(report.findings),
        "counts": counts,
    }
