"""Edits of Python code: what they are asked for, nothing else, and code that parses; or none at all."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from deplint import code
from deplint.code import edit as e
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.fix import edit as apply
from deplint.project import File, Project


def load(folder: Path, source: str) -> PythonFile:
    (folder / "a.py").write_text(source)
    made = Project(folder, [File(folder / "a.py", "a.py")], code.READERS)
    [facts] = made.facts(made.files[0])
    assert isinstance(facts, PythonFile)
    return facts


def changed(file: PythonFile, edits: e.Edits) -> str | None:
    return None if edits is None else apply(file.file, edits).content.decode()


def call_of(file: PythonFile) -> Call:
    return file.calls("torch.f")[0]


Change = Callable[[Call], e.Edits]

CASES: list[tuple[str, Change, str | None]] = [
    # adding
    ("torch.f()", lambda c: e.add_keyword(c, "b", "1"), "torch.f(b=1)"),
    ("torch.f(a)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(a, b=1)"),
    ("torch.f(a, )", lambda c: e.add_keyword(c, "b", "1"), "torch.f(a, b=1)"),
    ("torch.f((a))", lambda c: e.add_keyword(c, "b", "[1, 2]"), "torch.f((a), b=[1, 2])"),
    ("torch.f(*a)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(*a, b=1)"),
    ("torch.f(**a)", lambda c: e.add_keyword(c, "b", "1"), None),
    ("torch.f(b=2)", lambda c: e.add_keyword(c, "b", "1"), None),
    ("torch.f(x for x in y)", lambda c: e.add_keyword(c, "b", "1"), None),
    ("torch.f((x for x in y), 1)", lambda c: e.add_keyword(c, "b", "1"), "torch.f((x for x in y), 1, b=1)"),
    ("torch.f(a)", lambda c: e.add_keyword(c, "b", "1, 2"), None),
    ("torch.f(a)", lambda c: e.add_keyword(c, "b", "1)"), None),
    ("torch.f(a)", lambda c: e.add_keyword(c, "b", "*x"), None),
    ("torch.f(a)", lambda c: e.add_keyword(c, "b c", "1"), None),
    ("torch.f(\n    a,\n    c\n)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(\n    a,\n    c,\n    b=1\n)"),
    ("torch.f(\n    a,\n    c,\n)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(\n    a,\n    c,\n    b=1,\n)"),
    ("torch.f(\n    a, c,  # why\n)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(\n    a, c,  # why\n    b=1,\n)"),
    ("torch.f(\n    a  # why\n)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(\n    a,  # why\n    b=1\n)"),
    ("torch.f(a,\n        c)", lambda c: e.add_keyword(c, "b", "1"), "torch.f(a,\n        c,\n        b=1)"),
    ("x = (torch\n     .f(a))", lambda c: e.add_keyword(c, "b", "1"), "x = (torch\n     .f(a, b=1))"),
    ('é = "ü"; torch.f("ñ")', lambda c: e.add_keyword(c, "b", "1"), 'é = "ü"; torch.f("ñ", b=1)'),
    # removing
    ("torch.f(a, b=1)", lambda c: e.remove_keyword(c, "b"), "torch.f(a)"),
    ("torch.f(b=1)", lambda c: e.remove_keyword(c, "b"), "torch.f()"),
    ("torch.f(b=1, c=2)", lambda c: e.remove_keyword(c, "b"), "torch.f(c=2)"),
    ("torch.f(a, b=1, **c)", lambda c: e.remove_keyword(c, "b"), "torch.f(a, **c)"),
    ("torch.f(a)", lambda c: e.remove_keyword(c, "b"), None),
    ("torch.f(\n    a,  # first\n    b=1,  # second\n)", lambda c: e.remove_keyword(c, "b"), "torch.f(\n    a,  # first\n)"),
    ("torch.f(a,  # first\n        b=1)", lambda c: e.remove_keyword(c, "b"), "torch.f(a,  # first\n)"),
    ("torch.f(\n    a,\n    b=1\n)", lambda c: e.remove_keyword(c, "b"), "torch.f(\n    a\n)"),
    # replacing
    ("torch.f(a, b = (1))", lambda c: e.replace_argument(c, "b", "2"), "torch.f(a, b = 2)"),
    ("torch.f(a, 1)", lambda c: e.replace_argument(c, "b", "x + 1", 1), "torch.f(a, x + 1)"),
    ("torch.f(*a, 1)", lambda c: e.replace_argument(c, "b", "2", 1), None),
    ("torch.f(a)", lambda c: e.replace_argument(c, "b", "2", 1), None),
    ("torch.f(1)", lambda c: e.replace_text(c.argument("a", 0), "2"), "torch.f(2)"),
    ("x = 1\ntorch.f(*[x])", lambda c: e.replace_text(c.argument("a", 0), "2"), None),
    ("torch.f('a' 'b')", lambda c: e.replace_text(c.argument("a", 0), "'c'"), "torch.f('c')"),
    # appending
    ("torch.f(x)", lambda c: e.append(c.argument("a", 0), ".y()"), "torch.f(x.y())"),
    ("torch.f(x + 1)", lambda c: e.append(c.argument("a", 0), ".y()"), "torch.f((x + 1).y())"),
    ("torch.f(-x)", lambda c: e.append(c.argument("a", 0), ".y()"), "torch.f((-x).y())"),
    ("torch.f(1)", lambda c: e.append(c.argument("a", 0), ".y()"), "torch.f((1).y())"),
    ("torch.f('x')", lambda c: e.append(c.argument("a", 0), ".encode()"), "torch.f('x'.encode())"),
    ("torch.f(x if y else z)", lambda c: e.append(c.argument("a", 0), "[0]"), "torch.f((x if y else z)[0])"),
    ("torch.f((1, 2))", lambda c: e.append(c.argument("a", 0), "[0]"), "torch.f((1, 2)[0])"),
    ("torch.f({'k': x / 2})", lambda c: e.append((c.argument("a", 0).items or [])[0], ".y()"), "torch.f({'k': (x / 2).y()})"),
    ("torch.f(i for i in x)", lambda c: e.append(c.argument("a", 0), ".y()"), None),
    ("x = torch.f(1)", lambda c: e.append(c, ".y()"), "x = torch.f(1).y()"),
    # renaming
    ("torch.f(1)", lambda c: e.call_instead(c, "g"), "torch.g(1)"),
    ("(torch\n  .f)(1)", lambda c: e.call_instead(c, "g"), "(torch\n  .g)(1)"),
    ("from torch import f\nf(1)", lambda c: e.call_instead(c, "g"), None),
    # statements
    ("if x:\n    torch.f(1)  # why", lambda c: e.insert_statement_before(c, "y()"), "if x:\n    y()\n    torch.f(1)  # why"),
    ("if x:\n    torch.f(1)  # why", lambda c: e.insert_statement_after(c, "y()"), "if x:\n    torch.f(1)  # why\n    y()"),
    ("if x:\n\ty = torch.f(\n\t1)", lambda c: e.insert_statement_before(c, "a\nb"), "if x:\n\ta\n\tb\n\ty = torch.f(\n\t1)"),
    ("torch.f(1)", lambda c: e.insert_statement_after(c, "y()"), "torch.f(1)\ny()"),
    ("def g():\n    return torch.f(1)", lambda c: e.insert_statement_before(c, "y()"), "def g():\n    y()\n    return torch.f(1)"),
    ("def g():\n    return torch.f(1)", lambda c: e.insert_statement_after(c, "y()"), None),
    ("if x: torch.f(1)", lambda c: e.insert_statement_before(c, "y()"), None),
    ("a; torch.f(1)", lambda c: e.insert_statement_before(c, "y()"), None),
    ("torch.f(1); a", lambda c: e.insert_statement_after(c, "y()"), None),
    ("if torch.f(1):\n    pass", lambda c: e.insert_statement_before(c, "y()"), None),
    ("while torch.f(1):\n    pass", lambda c: e.insert_statement_before(c, "y()"), None),
    ("if x: \\\n    torch.f(1)", lambda c: e.insert_statement_before(c, "y()"), None),
    ("@torch.f(1)\ndef g(): pass", lambda c: e.insert_statement_before(c, "y()"), None),
]


@pytest.mark.parametrize(("source", "change", "expected"), CASES, ids=[f"{n}: {case[0]}" for n, case in enumerate(CASES)])
def test_edit(tmp_path: Path, source: str, change: Change, expected: str | None) -> None:
    file = load(tmp_path, f"import torch\n{source}\n")
    result = changed(file, change(call_of(file)))
    assert result == (None if expected is None else f"import torch\n{expected}\n")


def test_edits_are_small(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\ntorch.f(\n    aaa,\n    bbb=1,\n    ccc=2,\n)\n")
    [one] = e.replace_argument(call_of(file), "bbb", "3") or ()
    assert (one.span.line, one.span.column, one.span.end_column, one.text) == (4, 9, 10, "3")


def test_an_edit_that_changes_nothing(tmp_path: Path) -> None:
    assert e.replace_argument(call_of(load(tmp_path, "import torch\ntorch.f(a=1)\n")), "a", "1") == ()


RENAMES = [
    ("import tensorflow as tf\ntf.contrib.lite.X()", "tensorflow.contrib.lite.X", "tensorflow.lite.X", "tf.lite.X()"),
    ("from tensorflow import contrib\ncontrib.lite.X", "tensorflow.contrib.lite.X", "tensorflow.lite.X", None),
    ("from tensorflow.contrib.lite import X", "tensorflow.contrib.lite.X", "tensorflow.lite.X", "from tensorflow.lite import X"),
    ("from tensorflow.contrib.lite import X as Y", "tensorflow.contrib.lite.X", "tensorflow.lite.Z", "from tensorflow.lite import Z as Y"),
    ("from tensorflow.contrib.lite import X, Y", "tensorflow.contrib.lite.X", "tensorflow.lite.X", None),
    ("import tensorflow.contrib.lite as l", "tensorflow.contrib.lite", "tensorflow.lite", "import tensorflow.lite as l"),
    ("import tensorflow as tf\ntf.a", "tensorflow.a", "keras.a", None),
    ("from tensorflow import a\na()", "tensorflow.a", "tensorflow.b", None),
]


@pytest.mark.parametrize(("source", "old", "new", "expected"), RENAMES)
def test_rename(tmp_path: Path, source: str, old: str, new: str, expected: str | None) -> None:
    file = load(tmp_path, source + "\n")
    result = changed(file, e.rename(file.names(old)[-1], new))
    assert result == (None if expected is None else "\n".join([*source.split("\n")[:-1], expected]) + "\n")


def test_rename_an_attribute_that_is_set(tmp_path: Path) -> None:
    file = load(tmp_path, "import torch\nm = torch.load('x')\nm.a.é = m.old = [1,\n 2]\n")
    one, other = file.sets("torch.load()")
    assert changed(file, e.replace_attribute(one, "new")) == "import torch\nm = torch.load('x')\nm.a.new = m.old = [1,\n 2]\n"
    assert changed(file, e.replace_attribute(other, "new")) == "import torch\nm = torch.load('x')\nm.a.é = m.new = [1,\n 2]\n"
    assert changed(file, e.insert_statement_after(other, "x = 1")) == "import torch\nm = torch.load('x')\nm.a.é = m.old = [1,\n 2]\nx = 1\n"


# -- any call --------------------------------------------------------------------------------------------------------------------

VALUES = [
    "1",
    "x",
    "(x)",
    "[1, 2]",
    "lambda a: a",
    "x if y else z",
    "not x",
    "f(a, b=1)",
    "'é'",
    "(\n1)",
    "{**a}",
    "(yield)",
    "x[1:2]",
    "*a",
    "(i for i in b)",
]
SPACES = ["", " ", "  ", "\n", "\n    ", " # a comment\n    ", "\n\n  # alone\n    "]


@st.composite
def calls(draw: st.DrawFn) -> str:
    """The text of a call with any layout."""
    gap = st.sampled_from(SPACES)
    parts: list[str] = []
    names = [*draw(st.lists(st.just(""), max_size=3)), *draw(st.lists(st.sampled_from(["b", "c", "d", "**"]), max_size=3, unique=True))]
    for n, name in enumerate(sorted(names, key=lambda name: (name != "", name == "**"))):
        value = draw(st.sampled_from(VALUES))
        if name and value == "*a":
            value = "x"
        text = f"**{value}" if name == "**" else f"{name}{draw(st.sampled_from(['=', ' = ']))}{value}" if name else value
        comma = "," if n < len(names) - 1 or draw(st.booleans()) else ""
        parts.append(draw(gap) + text + draw(gap) + comma)
    return f"torch.f({''.join(parts)}{draw(gap)})"


def arguments(text: str) -> list[tuple[str | None, str]]:
    [call] = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and ast.unparse(n.func).startswith("torch.")]
    return [(None, ast.dump(a)) for a in call.args] + [(k.arg, ast.dump(k.value)) for k in call.keywords]


def comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.split("\n") if "#" in line]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(calls(), st.sampled_from(["b", "c", "new"]), st.sampled_from([v for v in VALUES if v != "*a"]))
def test_any_call(tmp_path: Path, text: str, name: str, value: str) -> None:
    source = textwrap.dedent(f"import torch\ndef g():\n    y = {text} # end\n")
    try:
        before = arguments(source)
    except SyntaxError:
        assume(False)
    file = load(tmp_path, source)
    new = ast.dump(ast.parse(f"({value}\n)", mode="eval").body)
    for edits, expected in (
        (e.add_keyword(call_of(file), name, value), [*before, (name, new)]),
        (e.remove_keyword(call_of(file), name), [a for a in before if a[0] != name]),
        (e.replace_argument(call_of(file), name, value), [(n, new if n == name else v) for n, v in before]),
    ):
        result = changed(file, edits)
        if result is None:
            continue
        after = arguments(result)
        assert sorted(map(str, after)) == sorted(map(str, expected))
        assert [a for a in after if a in before] == [a for a in before if a in after]
        assert result.startswith("import torch\ndef g():\n    y = torch.f(") and result.endswith(" # end\n")
        if name not in dict(before) or edits is None:
            assert comments(result) == comments(source) or "#" in value
    there = name in dict(before)
    assert (e.add_keyword(call_of(file), name, value) is None) >= there
    assert (e.remove_keyword(call_of(file), name) is None) == (not there)
