"""The house rules, held by machine: sizes, docstrings, floors, made-up people only, sentences that can be translated."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from connectors import registry

ROOT = Path(__file__).parents[1]
CODE = ("connectors", "hub", "tests")
TOP_FOLDERS = {"connectors", "hub", "config", "tests"}
TOP_FILES = {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"}
TEXT = {".py", ".md", ".toml", ".txt", ".html", ".css", ".js", ".csv", ".xml", ".vcf", ".yml", ".yaml", ".sh", ".ini", ""}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the tree that is part of the project; without git, every file that is not left by a tool."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        named = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        return tuple(path for name in named.split("\0") if name and (path := ROOT / name).is_file())
    made = {".venv", "build", "dist", "__pycache__", ".git"}
    return tuple(path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts))


def texts() -> Iterator[tuple[str, str]]:
    """Each text file of the project with its name."""
    for path in tracked():
        if path.suffix in TEXT and path.name != "LICENSE":
            yield str(path.relative_to(ROOT)), path.read_text("utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file, read once for all tests."""
    return ast.parse(path.read_text("utf-8"))


def trees(*folders: str) -> dict[str, ast.Module]:
    """The parsed Python files under these folders."""
    wanted = [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]
    return {str(path.relative_to(ROOT)): parsed(path) for path in wanted}


def functions(*folders: str) -> Iterator[tuple[str, Function]]:
    """Every function and method with the file it is in."""
    for name, tree in trees(*folders).items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield name, node


def length(node: Function) -> int:
    """The lines of a function, its decorators not counted."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_short() -> None:
    """No Python file has more than 400 lines."""
    lines = {name: text.count("\n") for name, text in texts() if name.endswith(".py")}

    assert len(lines) > 30
    assert {name: count for name, count in lines.items() if count > 400} == {}


def test_functions_are_short() -> None:
    """No function has more than 60 lines, and half of them no more than 10."""
    lengths = {f"{name}:{node.name}": length(node) for name, node in functions(*CODE)}

    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
    assert statistics.median(length(node) for _, node in functions("connectors", "hub")) <= 10


def test_every_public_name_has_a_docstring() -> None:
    """What others may use, and every test, says in one sentence what it is for."""
    silent = [name for name, tree in trees(*CODE).items() if not ast.get_docstring(tree)]
    for name, tree in trees(*CODE).items():
        silent += [f"{name}:{where}" for where in _silent(tree, overrides=name.startswith("tests/"))]

    assert silent == []


def _silent(node: ast.AST, overrides: bool, inside: str = "") -> Iterator[str]:
    """The public classes and functions without a docstring; a class's methods that carry out a documented one may be silent."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.ClassDef | Function) or child.name.startswith("_"):
            continue
        method = isinstance(node, ast.ClassDef) and isinstance(child, Function)
        test = child.name.startswith("test_")
        if not ast.get_docstring(child) and not (method and overrides and not test):
            yield f"{inside}{child.name}"
        if isinstance(child, ast.ClassDef):
            yield from _silent(child, overrides or _carries_out(child), f"{child.name}.")


def _carries_out(node: ast.ClassDef) -> bool:
    """Whether a class inherits, so that its methods may be documented above it."""
    return bool(node.bases)


def test_nothing_is_left_to_do() -> None:
    """The tree holds no note to oneself."""
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK")) + r")\b")

    assert [name for name, text in texts() if marks.search(text)] == []


def test_the_top_of_the_tree() -> None:
    """A stranger sees four folders and four files, dot files aside."""
    top = {path.relative_to(ROOT).parts for path in tracked()}

    assert {parts[0] for parts in top if len(parts) > 1 and not parts[0].startswith(".")} == TOP_FOLDERS
    assert {parts[0] for parts in top if len(parts) == 1 and not parts[0].startswith(".")} <= TOP_FILES


def test_the_rooms_of_the_hub() -> None:
    """A stranger names the hub's floors from its folders: few modules lie beside them, and each folder says what it is for."""
    beside = [path.name for path in tracked() if path.relative_to(ROOT).parts[:-1] == ("hub",)]
    rooms = {path.parts[1] for name in trees("hub") if len((path := Path(name)).parts) > 2}

    assert len(beside) <= 12
    assert {room for room in rooms if f"hub/{room}/__init__.py" not in trees("hub")} == set()


def test_the_tree_speaks_of_itself_alone() -> None:
    """No path of a developer's machine and no package registry stands anywhere."""
    foreign = re.compile(
        "|".join(
            ("/wo" + r"rk/\w", "/ro" + "ot/", r"/ho" + r"me/(?!\{)\w", "py" + r"pi\.org", "python" + "hosted", "arti" + "factory")
        ),
        re.IGNORECASE,
    )

    found = {name: match[0] for name, text in texts() if (match := foreign.search(text))}

    assert found == {}


EMAIL = re.compile(r"[\w.%+-]+@(?:[\w-]+\.)+[a-zA-ZäöåÄÖÅ]{2,}")
PHONE = re.compile(r"(?<![\w.,:#-])(?:\+358|00358|0)[\s()/-]{0,2}(?:4\d|50)(?:[\s()/-]{0,2}\d){6,8}(?!\w)")
MADE_UP = re.compile(r"(?:\+358|00358|0)0?(?:4\d|50)(?:123\d*|000\d*|1112\d*|999\d*)")


def test_people_are_made_up() -> None:
    """Every e-mail address ends where nobody can have one, every mobile number belongs to nobody."""
    emails = {
        f"{name}: {one}" for name, text in texts() for one in EMAIL.findall(text) if not one.casefold().endswith(".example")
    }
    phones = {
        f"{name}: {one}"
        for name, text in texts()
        for one in PHONE.findall(text)
        if not MADE_UP.match(re.sub(r"[\s()/-]", "", one))
    }

    assert emails == set()
    assert phones == set()


@pytest.mark.parametrize("real", ["0405" + "551234", "+358 50 " + "765 4321", "050-" + "7654321"])
def test_a_real_looking_number_is_seen(real: str) -> None:
    """The rule about numbers has power: one outside the made-up patterns is found."""
    (found,) = PHONE.findall(f"soita {real} heti")

    assert not MADE_UP.match(re.sub(r"[\s()/-]", "", found))


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Run the import linter in a copy of the tree."""
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([str(tool), "--no-cache"], cwd=root, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two packages and their rules, in a place where they may be broken."""
    root = tmp_path_factory.mktemp("house")
    for folder in ("connectors", "hub"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    return root


def test_every_module_is_on_its_floor(copy: Path) -> None:
    """The floors of `pyproject.toml` hold."""
    done = lint_imports(copy)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("connectors/newcomer.py", '"""A module on no floor."""\n'),
        ("hub/newcomer.py", '"""A module on no floor."""\n'),
        ("connectors/memory.py", "import hub.plan\n"),
        ("connectors/thunderbird/__init__.py", "import connectors.memory\n"),
        ("connectors/contract.py", "import connectors._files\n"),
        ("hub/plan.py", "import hub.search.sources\n"),
        ("hub/store/newcomer.py", '"""A module on no floor."""\n'),
        ("hub/erase/readback.py", "import hub.erase.undo\n"),
        ("hub/erase/planning.py", "import hub.search.asking\n"),
        ("hub/store/__init__.py", "import hub.store.secrets\n"),
    ],
)
def test_a_broken_floor_is_seen(copy: Path, file: str, code: str) -> None:
    """A module nobody listed, a hub import in a connector, an island that imports another, a room's order: each fails the linter."""
    path = copy / file
    before = path.read_text("utf-8") if path.exists() else None
    path.write_text((before or "") + code, "utf-8")
    try:
        assert lint_imports(copy).returncode != 0
    finally:
        path.write_text(before, "utf-8") if before is not None else path.unlink()


def test_nobody_asks_for_the_kind() -> None:
    """What a source can do is data: neither the hub nor the kit branches on a connector's kind."""
    asked = [
        f"{name}:{node.lineno}"
        for name, tree in trees("hub", "tests").items()
        if name.startswith(("hub/", "tests/conformance/")) and not name.startswith(("hub/demo", "hub/init"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and _compares_kinds(node)
    ]

    assert asked == []


def _compares_kinds(node: ast.Compare) -> bool:
    """Whether `.kind` of something is compared with the name of a connector."""
    names = {*registry.kinds(), "memory"}
    sides = [node.left, *node.comparators]
    literals = {part.value for side in sides for part in ast.walk(side) if isinstance(part, ast.Constant)}
    return bool(names & {value for value in literals if isinstance(value, str)}) and "kind" in ast.dump(node)


REBUILT = {
    "hub/mirror/codec.py": "a phrase comes back out of the mirror by its template",
    "hub/search/answers.py": "what was said when a source was read is said again",
    "hub/ledger/codec.py": "a phrase comes back out of the ledger by its template",
    "connectors/vcard/files.py": "an error about a file is said again without the file's name",
    "hub/render/html.py": "the words of the page stand in its template and are checked there",
}
"""Where a phrase is made from a template that is not a literal, and why that is right."""


def phrases() -> Iterator[tuple[str, ast.Call]]:
    """Every `Phrase(…)` in the code, with its place."""
    for name, tree in trees("connectors", "hub").items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Phrase":
                yield f"{name}:{node.lineno}", node


def template_of(node: ast.Call) -> str | None:
    """The literal template of a `Phrase(…)`, None when it is none."""
    first = node.args[0] if len(node.args) == 1 else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def places(template: str) -> list[str]:
    """The names of a template's {places}, sorted; a brace that opens no name is a brace."""
    return sorted(re.findall(r"\{(\w+)[^{}]*\}", template))


def test_every_sentence_has_a_literal_template() -> None:
    """A sentence can only be translated when its template stands in the code, with a value for each place."""
    wrong = [place for place, node in phrases() if template_of(node) is None and place.split(":")[0] not in REBUILT]
    unfilled = [
        place
        for place, node in phrases()
        if (template := template_of(node)) is not None
        and sorted(set(places(template))) != sorted(word.arg or "" for word in node.keywords)
        and all(word.arg for word in node.keywords)
    ]

    assert wrong == []
    assert unfilled == []


def in_templates() -> set[str]:
    """The sentences of the pages: what `t("…")` says in a template."""
    pages = [path.read_text("utf-8") for path in (ROOT / "config/templates").glob("*.j2")]
    return {
        ast.literal_eval(found)
        for page in pages
        for found in re.findall(r"""\bt\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", page)
    }


@cache
def finnish() -> dict[str, str]:
    """The Finnish sentence for each English template."""
    words: dict[str, str] = tomllib.loads((ROOT / "config/words.fi.toml").read_text("utf-8"))["phrases"]
    return words


@cache
def said() -> dict[str, str]:
    """Every sentence of the code and of the pages, with its place."""
    return {template: place for place, node in phrases() if (template := template_of(node))} | dict.fromkeys(
        in_templates(), "config/templates"
    )


def test_every_sentence_is_said_in_finnish() -> None:
    """Each template has a Finnish one with the same places; only those that are all place need none."""
    wordless = {template for template in said() if not re.sub(r"\{[^}]*\}", "", template).strip(" .,:;")}

    unsaid = {template: place for template, place in said().items() if template not in finnish() and template not in wordless}
    assert unsaid == {}


def test_the_finnish_sentences_have_the_same_places() -> None:
    """A translation fills in exactly what the English sentence fills in, and none is empty."""
    wrong = {english for english, said in finnish().items() if set(places(english)) != set(places(said)) or not said.strip()}

    assert wrong == set()


def test_no_finnish_sentence_is_left_over() -> None:
    """A translation whose English sentence nobody says any more goes with it."""
    assert set(finnish()) - said().keys() == set()
