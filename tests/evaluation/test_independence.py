"""The ruler stays out of what it measures: no lower room imports evaluation, and its network is another one."""

import ast
from pathlib import Path

import pixelmind

ROOT = Path(pixelmind.__file__).parent
MAY_IMPORT = {"evaluation", "lifecycle", "serving", "cli"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def test_no_lower_room_imports_evaluation() -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in MAY_IMPORT
        and any("evaluation" in name.split(".") for name in imports(path))
    ]
    assert guilty == []
    assert any("pixelmind.evaluation.judge" in imports(path) for path in (ROOT / "evaluation").rglob("*.py"))


def test_the_judge_shares_no_network_with_encoder_or_generator() -> None:
    names = {n for file in ("judge.py", "judge_task.py") for n in imports(ROOT / "evaluation" / file)}
    allowed = {"pixelmind.encoder.text_tower"}
    rooms = ("pixelmind.encoder", "pixelmind.generator")
    foreign = {n for n in names if n.startswith(rooms) and not any(n.startswith(a) for a in allowed)}
    assert foreign == set()  # only the frozen public trunk
