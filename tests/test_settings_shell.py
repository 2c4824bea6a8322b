"""Shell text: words as bash makes them, commands in order, variables followed only where they are certain."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settings_help import shown

from deplint.finding import Place
from deplint.settings.shell import arguments, commands, expand, flags, split, unwrap, words
from deplint.settings.text import Source

VARIABLES = {"A": "one", "B": "two three", "E": ""}

WORDS = [
    "a 'b c' \"d e\" f\\ g",
    '"$A" "${A}x" \'$A\' "a\\"b" "a\\\\b" "\\$A"',
    "a\\\nb c\\\n d",
    '"${U:-default}" "${A:-default}" "${E:-default}" "${E-default}" "${U:-$A}" "${U:-${V:-deep}}"',
    "--flag=\"x y\" x=1 -e'q'",
    "a#b # comment",
    "$'lit' \"\" ''",
    "p 2>/dev/null q >out <in r 2>&1 s",
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash says what the words are")
@pytest.mark.parametrize("text", WORDS)
def test_words_as_bash_makes_them(text: str) -> None:
    env = {"PATH": "/usr/bin:/bin", **VARIABLES}
    script = "printf '%s\\0' " + text.replace(">out", ">/dev/stdout").replace("<in", "</dev/null")
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True, check=True, timeout=20)
    (command,) = commands(Source("s", text), variables=VARIABLES)
    assert [word.text for word in command.words] == done.stdout.split("\0")[:-1]


@given(st.text(alphabet="ab \\'\"x=-:", max_size=30))
@settings(max_examples=300, deadline=None)
def test_words_as_shlex_splits_them(text: str) -> None:
    try:
        expected = shlex.split(text)
    except ValueError:
        return
    assert [word.text for word in arguments(text, Place("s"))] == expected


SCRIPT = """\
#!/bin/bash
# docker run nothing; isn't a command
set -e
TAG=2.13.0
export NAME="res net" OTHER=${OTHER:-x}
if [ -n "$GPU" ]; then TAG=$TAG-gpu; run $TAG; fi
cat > file <<EOF
run inside a document
EOF
run "$TAG" "$NAME" $OTHER && X=1
run $X | tee log; Y=1
FOO=$Y run ${Y}.0 $FOO
for Z in a b; do run $Z; done
Y=$(date)
run $Y
run ${Y:-x} ${UNSET:-x}
read A B
run $A
case $1 in a) run 1 ;; b) run 2;; esac
f() { Q=1; }
run $Q
"""


def test_commands_and_variables() -> None:
    found = [c for c in commands(Source("s", SCRIPT)) if c.words and c.words[0].text == "run"]
    assert [[w.text for w in c.words[1:]] for c in found] == [
        [None],  # TAG was changed under a condition just before
        [None, "res net", "x"],
        [None],  # set only if something else succeeded
        ["1.0", None],
        [None],
        [None],
        [None, "x"],
        [None],
        ["1"],
        ["2"],
        [None],
    ]
    assert found[3].assignments["FOO"].text == "1"


def test_places_of_words() -> None:
    text = "docker run \\\n  -e 'A=b c' \\\n  image:${TAG} # end"
    (command,) = commands(Source("s", text))
    assert [shown(word.place, text) for word in command.words] == ["docker", "run", "-e", "'A=b c'", "image:${TAG}"]


def test_make() -> None:
    text = "run: build\n\t@docker run $(IMAGE) $${HOME} $(shell pwd) ${IMAGE}\n\t-rm x\n"
    found = commands(Source("Makefile", text), variables={"IMAGE": "a:1"}, make=True)
    assert [[w.text for w in c.words] for c in found] == [["run:", "build"], ["docker", "run", "a:1", None, None, "a:1"], ["rm", "x"]]


def test_plain_words_know_no_operators() -> None:
    text = "A=1;2 B=x&y (z) #n"
    assert [w.text for w in words(Source("s", text), 0, text)] == ["A=1;2", "B=x&y", "(z)", "#n"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${A}", "one"),
        ("x$A.y", "xone.y"),
        ("$U", None),
        ("${U:-d}", "d"),
        ("${U:-'d'}", "d"),
        ("${A:+x}", None),
        ("'$A'", "'one'"),
        ("a$", "a$"),
    ],
)
def test_expand(text: str, expected: str | None) -> None:
    assert expand(text, VARIABLES) == expected


def texts(argv: list[str]) -> dict[str, str | None]:
    made = [word for text in argv for word in (arguments(shlex.quote(text) if "$" not in text else text, Place("s")))]
    return {name: word.text for name, word in flags(made).items()}


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["server", "--model_name=a", "--port", "85"], {"model_name": "a", "port": "85"}),
        (["--enable_batching", "--x=1"], {"enable_batching": "true", "x": "1"}),
        (["--enable_batching"], {"enable_batching": "true"}),
        (["--name=$X", "--other", "$X"], {"name": None, "other": None}),
        (["--$X=1"], {}),
        (["-p=1"], {"p": "1"}),
        (["--a=1", "--a=2"], {"a": "2"}),
        (["--empty="], {"empty": ""}),
        (["sh", "-c", "exec server --a=1 --b 'x y' && other --c"], {"a": "1", "b": "x y", "c": "true"}),
        (["/bin/bash", "-ec", "server --a=1"], {"a": "1"}),
        (["not", "flags"], {}),
    ],
)
def test_flags(argv: list[str], expected: dict[str, str | None]) -> None:
    assert texts(argv) == expected


def test_unwrap_knows_the_environment() -> None:
    argv = arguments("sh -c 'server --name=$NAME --other=$OTHER'", Place("s"))
    (command,) = unwrap(argv, {"NAME": "resnet"})
    assert [word.text for word in command] == ["server", "--name=resnet", None]
    assert [word.written for word in command][2] == "--other=$OTHER"


HOSTILE = {
    "parentheses": "$(" * 50_000,
    "braces": "${" * 50_000,
    "defaults": "${a:-" * 30_000,
    "quotes": '"' * 100_001,
    "backslashes": "\\" * 100_001,
    "redirections": "<<" * 50_000,
    "documents": "<<a\n" * 20_000,
    "subshells": "(" * 50_000,
    "assignments": "a=1 " * 30_000,
    "keywords": "then " * 30_000,
    "nested quotes": "\"$('" * 30_000,
    "doubling": "a=xxxxxxxxxxxx\n" + 'a="$a$a"\n' * 60,
    "growing defaults": f"a={'x' * 1000}\n" + ("${u:-" + "$a" * 100 + "} ") * 3000,
    "growing": f"a={'x' * 1000}\n" + "$a " * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_time(name: str) -> None:
    begun = time.process_time()
    assert sum(len(word.text or "") for command in commands(Source("s", HOSTILE[name])) for word in command.words) < 1 << 20
    words(Source("s", HOSTILE[name]), 0, HOSTILE[name])
    assert time.process_time() - begun < 4


@given(st.text(alphabet="a$(){}[]<>|&;\"'`\\#= \n-:@*if", max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_is_commands(text: str) -> None:
    for make in (False, True):
        for command in commands(Source("s", text), make=make):
            for word in command.words:
                assert word.place.span is not None and 1 <= word.place.span.line <= text.count("\n") + 1
    for command in split(text, Place("s")):
        flags(command.words)


def test_a_notebook_gives_the_shell_its_marked_lines(tmp_path):
    import json

    from deplint.project import File
    from deplint.settings.scripts import read_notebook

    cells = [
        {
            "cell_type": "code",
            "source": ["import os\n", "!tensorflowjs_converter --input_format=keras \\\n", "  {path} out\n", "x = 1 # !ls\n"],
        },
        {
            "cell_type": "code",
            "source": ["!pip install \\\r\n", "  onnx\r\n"],
        },
        {"cell_type": "markdown", "source": "!echo no"},
        {"cell_type": "code", "source": "%%bash\necho one\ncurl -X POST http://localhost:8501/v1/models/m:predict"},
    ]
    path = tmp_path / "convert.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    commands = read_notebook(File(path, "convert.ipynb")).commands
    assert [[word.text for word in command.words] for command in commands] == [
        ["tensorflowjs_converter", "--input_format=keras", None, "out"],
        ["pip", "install", "onnx"],
        ["echo", "one"],
        ["curl", "-X", "POST", "http://localhost:8501/v1/models/m:predict"],
    ]
    span = commands[0].words[3].place.span
    assert span is not None
    assert (span.cell, span.line) == (1, 3)
