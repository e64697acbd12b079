"""The report card: `report.json` and `pictures/` rendered as one self-contained `report.html`.

Nothing is measured here. Plots are PNGs inlined as base64, sprites are the very files in `pictures/`, enlarged by the
browser without smoothing. A section that was not measured is shown as missing, with the reason.
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixelmind.errors import BadInput
from pixelmind.files import write_bytes

if TYPE_CHECKING:
    from jinja2 import Template
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

SECTIONS = {
    "prompts": "Words to pictures: prompts of real test pictures",
    "procedural prompts": "Words to pictures: procedural test prompts",
    "unseen sources": "Words to pictures: games nobody trained on (evaluation-only licences)",
    "by source": "By source of the prompt",
    "distribution": "Does it look like the real thing, and is it varied?",
    "copies": "Is it its own?",
    "pixels": "Is it true pixel art?",
    "styles": "Style consistency: by style of the prompt",
    "concepts": "Concept match: drawn prompts, whose every concept is known",
    "speed": "How fast, how large?",
    "run": "This run",
}
GRID, EXTREMES = 64, 16


def render(folder: Path | str) -> Path:
    """Render `folder`/report.json to `folder`/report.html and return its path.

    Raises:
        BadInput: no readable report.json there.
    """
    folder = Path(folder)
    try:
        data = json.loads((folder / "report.json").read_text())
    except (OSError, ValueError) as error:
        raise BadInput(f"no readable report.json in {folder}; run: pixelmind eval core --out {folder}") from error
    prompts = [dict(p, index=i, first=p["ranks"][0]) for i, p in enumerate(data["prompts"])]
    order = sorted(prompts, key=lambda p: (p["first"], -p["cosine"]))
    cards = {
        f"The first {min(GRID, len(prompts))} prompts, as they came out": prompts[:GRID],
        "The best by the judge": order[:EXTREMES],
        "The worst by the judge": order[::-1][:EXTREMES],
    }
    page = template("report.html.j2").render(
        data=data,
        sections={
            name: (title, [f for f in data["figures"] if f["section"] == name]) for name, title in SECTIONS.items()
        },
        plots=plots(data["curves"]),
        cards=cards,
        picture=lambda name: inline((folder / "pictures" / name).read_bytes()),
    )
    return write_bytes(folder / "report.html", page.encode())


def template(name: str) -> Template:
    """A page's template of this room; every value is escaped, an unknown one is an error."""
    import jinja2

    loader = jinja2.PackageLoader("pixelmind.evaluation", ".")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined).get_template(name)


def plots(curves: dict[str, Any]) -> list[tuple[str, str]]:
    """Draw what the report holds curves of; return (title, data URI) pairs."""
    out = []
    if "recall" in curves:
        c = curves["recall"]
        figure, ax = _axes()
        for name, style in (("real", "o-"), ("generated", "s-")):
            if name in c:
                ax.plot(c["k"], c[name], style, label=name, markersize=4)
        ax.plot(c["k"], [k / c["k"][-1] for k in c["k"]], ":", color="gray", label="chance")
        ax.set(xscale="log", xlabel="k", ylabel="own caption in the judge's top k", ylim=(0, 1.02))
        out.append(("Retrieval", _finish(figure, ax)))
    if "intent" in curves:
        figure, ax = _axes()
        for name in (n for n in ("shuffled", "generated", "real") if n in curves["intent"]):
            ax.hist(curves["intent"][name], bins=40, range=(-1, 1), histtype="step", label=name, density=True)
        ax.set(xlabel="cosine of words and picture", ylabel="density")
        out.append(("Intent fidelity", _finish(figure, ax)))
    if "copies" in curves:
        figure, ax = _axes()
        c = curves["copies"]
        for name in ("generated", "held-out real"):
            ax.hist(c[name], bins=50, range=(0, 0.6), histtype="step", label=name, density=True)
        ax.axvline(c["threshold"], color="red", linewidth=1, label="near-copy threshold")
        ax.set(xlabel="pixel distance to the nearest training picture", ylabel="density")
        out.append(("Nearest training picture", _finish(figure, ax)))
    return out


def _axes() -> tuple[Canvas, Axes]:
    from matplotlib.figure import Figure as Canvas

    figure = Canvas(figsize=(4.6, 3), dpi=110, layout="constrained")
    return figure, figure.add_subplot()


def _finish(figure: Canvas, ax: Axes) -> str:
    ax.legend(frameon=False, fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return inline(buffer.getvalue())


def inline(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()
