"""`eval card`: reports of several commands to one card, HTML and Markdown, and the README's table of numbers.

report.json of core, stress, unseen, dialogue, satisfaction, external; table.json of the baselines
    ─▶ targets against measured, shortfalls with why and what would close them, changes since the last card, galleries
    ─▶ CARD/report.json (figures only, small enough to commit), card.html (one file), card.md
CARD/report.json ─▶ the lines between the markers in README.md, written or checked
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pixelmind.errors import BadInput
from pixelmind.evaluation.differences import compare_reports, read_report
from pixelmind.evaluation.figures import environment
from pixelmind.files import write_bytes, write_json

FORMAT = 1
BEGIN, END = "<!-- numbers: begin (pixelmind eval card) -->", "<!-- numbers: end -->"
SHOWN, FAILURES = 48, 36
Status = Literal["met", "short", "unsure", "not comparable", "not measured"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A target beside what was measured; `status` "unsure" where the 95 % interval holds the target."""

    name: str
    target: str
    value: float | None
    spread: float | None
    n: int | None
    baseline: str
    status: Status
    command: str
    date: str
    why: str = ""
    close: str = ""


def targets() -> list[dict[str, Any]]:
    """The methodology's targets as they stand in targets.toml."""
    text = resources.files(__package__).joinpath("targets.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["target"])


def kind_of(report: Mapping[str, Any]) -> str:
    """What command a report is of."""
    if "kind" in report:
        return str(report["kind"])
    return "dialogue" if "part" in report else "core"


def _figure(reports: Mapping[str, Mapping[str, Any]], target: Mapping[str, Any]) -> dict[str, Any] | None:
    found = reports.get(target["report"], {}).get("figures", ())
    mine = [f for f in found if f["section"] == target["section"]]
    exact = [f for f in mine if f["metric"] == target["metric"]]
    return next(iter(exact or [f for f in mine if f["metric"].startswith(target["metric"] + " ")]), None)


def _status(target: Mapping[str, Any], figure: Mapping[str, Any]) -> Status:
    if not target.get("comparable", True):
        return "not comparable"
    sign = 1 if "least" in target else -1
    over = sign * (figure["value"] - target.get("least", target.get("most")))
    spread = figure.get("spread") or 0.0
    met = over >= 0
    return ("met" if met else "short") if abs(over) >= spread or (met and over == 0) else "unsure"


def rows_of(reports: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """Every target, measured or not."""
    out = []
    for t in targets():
        wanted = f"≥ {t['least']:g}" if "least" in t else f"≤ {t['most']:g}"
        figure, about = _figure(reports, t), reports.get(t["report"], {}).get("environment", {})
        if figure is None:
            command = t.get("command", "pixelmind eval core --data STORE --out DIR")
            out.append(
                Row(
                    name=t["name"], target=wanted, value=None, spread=None, n=None, baseline="", status="not measured", command=command,
                    date="", why="no report on this card holds it", close=f"run: {command}" if command else t["close"],
                )
            )  # fmt: skip
            continue
        beside = [f"{k} {figure[k]:.3g}" for k in ("floor", "baseline", "ceiling") if figure.get(k) is not None]
        status = _status(t, figure)
        missed = status != "met"
        out.append(
            Row(
                name=t["name"],
                target=wanted,
                value=figure["value"],
                spread=figure.get("spread"),
                n=figure["n"],
                baseline=", ".join(beside),
                status=status,
                command=about.get("command", ""),
                date=about.get("date", "")[:10],
                why=t["why"] if missed else "",
                close=t["close"] if missed else "",
            )
        )
    return out


def gather(paths: Sequence[Path]) -> tuple[dict[str, dict[str, Any]], dict[str, Path], dict[str, Any] | None]:
    """Reports by kind with their folders, and the baselines' table where one is named.

    Raises:
        BadInput: unreadable, or two reports of one kind.
    """
    import json

    reports: dict[str, dict[str, Any]] = {}
    folders: dict[str, Path] = {}
    table = None
    for path in paths:
        if path.name == "table.json" or (path.is_dir() and (path / "table.json").is_file()):
            file = path / "table.json" if path.is_dir() else path
            try:
                table = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                raise BadInput(
                    f"{file} is not a readable table; make it with: pixelmind eval external --baselines"
                ) from error
            continue
        report = read_report(path)
        if "command" in report.get("environment", {}):  # as others can type it
            report["environment"]["command"] = report["environment"]["command"].replace(f"{Path.home()}/", "~/")
        kind = kind_of(report)
        if kind in reports:
            raise BadInput(f"{path} is a second report of eval {kind}; name one of each")
        reports[kind], folders[kind] = report, path if path.is_dir() else path.parent
    return reports, folders, table


def kept(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The reports that a card was made of, by kind: their figures and what is missing, without cases and pictures."""

    def of(kind: str, key: str) -> list[dict[str, Any]]:
        mine = [f for f in card[key] if f["section"].startswith(f"{kind}: ")]
        return [{**f, "section": f["section"].removeprefix(f"{kind}: ")} for f in mine]

    return {
        kind: {
            "environment": about,
            "weights": card["weights"],
            "figures": of(kind, "figures"),
            "missing": of(kind, "missing"),
        }
        for kind, about in card["reports"].items()
    }


def make(paths: Sequence[Path], out: Path, against: Path | None = None, keep: Path | None = None) -> dict[str, Any]:
    """Write OUT/report.json, OUT/card.html and OUT/card.md from reports and return the card.

    Args:
        against: the last card, to tell what changed. keep: a card whose reports stand where none of their kind is named.

    Raises:
        BadInput: no report, one that cannot be read, a card to keep that is none, or a last card that has no figure in common.
    """
    reports, folders, table = gather(paths)
    if not reports:
        raise BadInput("name at least one report: pixelmind eval card REPORT --out DIR")
    before = {} if keep is None else read_report(keep)
    if keep is not None and before.get("kind") != "card":
        raise BadInput(f"{keep} is no card; --keep takes one that eval card made")
    weights = next((r["weights"] for r in reports.values() if r.get("weights")), "")
    if keep is not None and before["weights"] != weights:
        raise BadInput(
            f"{keep} is of weights {before['weights']}, the reports are of {weights}; keep none, or measure all anew"
        )
    reports |= {kind: report for kind, report in kept(before).items() if kind not in reports} if before else {}
    figures = [{**f, "section": f"{kind}: {f['section']}"} for kind, r in reports.items() for f in r["figures"]]
    baselines = before.get("baselines") if table is None else _baselines(table)
    card: dict[str, Any] = {
        "format": FORMAT,
        "kind": "card",
        "weights": weights,
        "environment": environment(),
        "reports": {kind: r.get("environment", {}) for kind, r in reports.items()},
        "targets": [asdict(row) for row in rows_of(reports)],
        "figures": figures,
        "missing": [
            {**m, "section": f"{kind}: {m['section']}"} for kind, r in reports.items() for m in r.get("missing", ())
        ],
        "baselines": baselines,
    }
    card["since"] = None if against is None else compare_reports(read_report(against), card).to_dict()
    write_json(out / "report.json", card)
    write_bytes(out / "card.md", markdown(card).encode())
    write_bytes(out / "card.html", _html(card, reports, folders).encode())
    return card


def _baselines(table: Mapping[str, Any]) -> str:
    from pixelmind.evaluation.baselines import table as as_markdown
    from pixelmind.evaluation.figures import Figure

    return as_markdown(
        {k: v if isinstance(v, str) else [Figure.from_dict(f) for f in v] for k, v in table["rows"].items()}
    )


def number(x: float | None) -> str:
    """A figure as it is shown: three digits that count, "–" for none."""
    return "–" if x is None else f"{x:.3g}"


# ---- Markdown --------------------------------------------------------------------------------------------------------
def markdown(card: Mapping[str, Any]) -> str:
    """The card as one Markdown page."""
    about = card["environment"]
    lines = [
        "# Report card", "",
        f"Weights `{card['weights']}`, card made {about['date'][:10]} at commit `{about['commit']}`.",
        "Approvals by the judge and ratings by simulated people are labelled simulated. ± is half a 95 % interval.", "",
        "## Targets of the methodology", "",
        "| what | target | measured | ± | n | beside it | verdict | date |", "|---|--:|--:|--:|--:|---|---|---|",
    ]  # fmt: skip
    for r in card["targets"]:
        lines.append(
            f"| {r['name']} | {r['target']} | {number(r['value'])} | {number(r['spread'])} | {'–' if r['n'] is None else r['n']} "
            f"| {r['baseline']} | {r['status']} | {r['date']} |"
        )
    lines += ["", "## Shortfalls: why, and what would close them", ""]
    lines += [
        f"- **{r['name']}** ({r['status']}): {r['why']}. To close it: {r['close']}."
        for r in card["targets"]
        if r["why"]
    ]
    if card["baselines"]:
        lines += ["", "## PixelBench", "", card["baselines"]]
    if card["since"]:
        since = card["since"]
        lines += ["", "## Since the last card", "", f"{since['compared']} figures compared."]
        lines += [f"- worse: {name}" for name in since["regressions"]] + [
            f"- better: {name}" for name in since["improvements"]
        ]
        lines += [f"- {w}" for w in since["warnings"]]
    lines += ["", "## All figures", "", "| report: section | figure | value | ± | n |", "|---|---|--:|--:|--:|"]
    lines += [
        f"| {f['section']} | {f['metric']} | {number(f['value'])} | {number(f.get('spread'))} | {f['n']} |"
        for f in card["figures"]
    ]
    lines += ["", "## Not measured", ""] + [f"- {m['section']}: {m['reason']}" for m in card["missing"]]
    lines += ["", "## How it was measured", ""]
    for kind, e in card["reports"].items():
        made = f"{e.get('date', '')[:10]}, commit `{e.get('commit')}`, {e.get('hardware')}"
        lines.append(f"- {kind}: `{e.get('command')}`, {made}")
    return "\n".join(lines) + "\n"


# ---- HTML ------------------------------------------------------------------------------------------------------------
def _html(card: Mapping[str, Any], reports: Mapping[str, Mapping[str, Any]], folders: Mapping[str, Path]) -> str:
    from pixelmind.evaluation.report import inline, template

    def shown(kind: str, name: str) -> str:
        path = folders[kind] / "pictures" / name
        return inline(path.read_bytes()) if path.is_file() else ""

    prompts = [dict(p, index=i) for i, p in enumerate(reports.get("core", {}).get("prompts", ()))]
    ranked = sorted(prompts, key=lambda p: (p["ranks"][0], -p["cosine"]))
    galleries = {
        f"The first {min(SHOWN, len(prompts))} prompts, as they came out": prompts[:SHOWN],
        "The best by the judge": ranked[: SHOWN // 3],
        "The worst by the judge": ranked[::-1][: SHOWN // 3],
    }
    failures = [c for c in reports.get("stress", {}).get("cases", ()) if c["failed"]]
    return template("card.html.j2").render(
        card=card,
        number=number,
        galleries=galleries if prompts else {},
        failures=failures[:FAILURES],
        num_failures=len(failures),
        core=lambda p, real: shown("core", f"{p['index']:04d}{'-real' if real else ''}.png"),
        stress=lambda name: shown("stress", name),
        sections={
            s: [f for f in card["figures"] if f["section"] == s]
            for s in dict.fromkeys(f["section"] for f in card["figures"])
        },
    )


# ---- README ----------------------------------------------------------------------------------------------------------
#: Rows of the README: what, and the figures (section, metric as it begins, format) that stand in a line, parted by slashes.
README_ROWS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("size, palette, colours and alpha as asked", (("core: pixels", "conformance", "%"),)),
    (
        "judge R@1 of 100: ours / real pictures / share",
        (("core: prompts", "judge R@1 of", ""), ("core: prompts", "judge R@1 of 100, real", ""), ("core: prompts", "judge R@1 share", "±")),
    ),
    ("Pixel-Accuracy@1 / @3 / @5, simulated", tuple(("core: prompts", f"Pixel-Accuracy@{k}", "") for k in (1, 3, 5))),
    ("Intent Fidelity, from shuffled (0) to real pairs (1)", (("core: prompts", "Intent Fidelity share", "±"),)),
    ("KID x 1000", (("core: distribution", "KID x 1000", "±"),)),
    ("near copies of training pictures", (("core: copies", "near copies", "%"),)),
    ("judge against hand labels, balanced accuracy", (("judge: judge", "balanced accuracy against hand labels", "±"),)),
    (
        "stress: ambiguous / edge / adversarial prompts without a failure",
        tuple((f"stress: {k}", "cases without", "%") for k in ("ambiguous", "edge", "adversarial")),
    ),
)  # fmt: skip


def numbers(card: Mapping[str, Any]) -> str:
    """The README's table, markers included; a row whose figures are not on the card is left out."""
    lines = [
        BEGIN,
        f"Weights `{card['weights']}`. ± is half a 95 % interval.",
        "",
        "| what | figure | command |",
        "|---|--:|---|",
    ]
    for what, wanted in README_ROWS:
        cells, counts = [], []
        for section, start, form in wanted:
            found = [f for f in card["figures"] if f["section"] == section and f["metric"].startswith(start)]
            if not found:
                break
            figure = found[0]
            counts.append(str(figure["n"]))
            value = f"{100 * figure['value']:.3g} %" if form == "%" else f"{figure['value']:.3g}"
            cells.append(value + (f" ± {figure['spread']:.2g}" if form == "±" and figure.get("spread") else ""))
        if len(cells) == len(wanted):
            command = card["reports"][wanted[0][0].split(":")[0]].get("command", "")
            n = " / ".join(dict.fromkeys(counts))
            lines.append(f"| {what} (n = {n}) | {' / '.join(cells)} | `{command}` |")
    return "\n".join([*lines, END])


def _parts(readme: Path) -> tuple[str, str, str]:
    try:
        text = readme.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {readme}") from error
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise BadInput(
            f"{readme} needs the lines {BEGIN} and {END} once each, in this order, where the table is to stand"
        )
    start, stop = text.index(BEGIN), text.index(END) + len(END)
    return text[:start], text[start:stop], text[stop:]


def write_numbers(card: Mapping[str, Any], readme: Path) -> bool:
    """Put the table between the markers of a page; whether that changed it.

    Raises:
        BadInput: the page cannot be read or has no markers.
    """
    before, old, after = _parts(readme)
    new = numbers(card)
    if new != old:
        write_bytes(readme, (before + new + after).encode())
    return new != old


def stale(card: Mapping[str, Any], readme: Path) -> list[str]:
    """Lines that differ between the card's table and the page's; empty where they agree.

    Raises:
        BadInput: as `write_numbers`.
    """
    import difflib

    _, old, _ = _parts(readme)
    return [
        line
        for line in difflib.unified_diff(old.splitlines(), numbers(card).splitlines(), "page", "card", lineterm="", n=0)
    ][2:]
