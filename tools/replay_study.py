"""What deplint says of the questions that the study labelled: ``python -m tools.replay_study POSTS [--platform server] [--write]``.

POSTS is a JSON-lines file, plain or gzipped, of questions (`id`, `platform`, `leaf`, `title`, `date`, `body` in HTML). The code blocks
of each question become the files of a small project, which is linted as fragments are (`fragments = true`), with no version pinned.
Which questions show their fault in what was posted, and which rules name that fault, is recorded by hand in `tools/study_judged.csv`;
a question counts as caught where one of those rules reports. The texts stay out of the repository (they are CC BY-SA): ids and words
of our own are what is recorded.
"""

from __future__ import annotations

import argparse
import ast
import csv
import gzip
import html
import json
import re
import tempfile
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deplint import plugins
from deplint.discover import discover
from deplint.engine import check
from deplint.finding import Finding
from deplint.names import Names
from deplint.project import File, Project, Reader

JUDGED = Path(__file__).with_name("study_judged.csv")
PAGE = Path(__file__).parents[1] / "docs" / "study.md"

_BLOCK = re.compile(r"<pre[^>]*>\s*<code[^>]*>(.*?)</code>\s*</pre>", re.S)
_PROMPT = re.compile(r"^(?:>>> ?|\.\.\. ?|In \[\d+\]: ?)", re.M)
_PRINT = re.compile(r"^(\s*)print\s+(?![=(])(.+)$", re.M)
_INLINE = re.compile(r"(?:\$ |sudo )?(?:docker run|curl|tensorflow_model_server|toco|tflite_convert|tensorflowjs_converter)\s+\S*[-/]")
_ASKING = re.compile(r"\b(POST \S*/v\d/models?/[^\s<]+)\s*(?:</\w+>\s*)*\Z")
"""A request line in the sentence before a block, which then is the body."""
_OUTPUT = re.compile(r"Traceback \(most recent|^\s*at [\w.$]+\(|^[EWI]/|^\d{4}-\d\d-\d\d \d\d:\d\d|Uncaught|^[EWI]\d{4} |^\w*Error:", re.M)

_COMMANDS = (
    "sudo|docker|bazel|pip3?|curl|toco|tflite_convert|freeze_graph|saved_model_cli|tensorflow_model_server|tensorflowjs_converter|python3?|"
    "gcloud|apt(?:-get)?|git|npm|yarn"
)

_KINDS: tuple[tuple[str, str], ...] = (
    (r"signature_def\['\w+'\]:|SignatureDefs?:", "saved_model.txt"),
    (r"\A\s*POST \S*/v\d/models?/", "request.http"),
    (r"(?m)^(?:runtime|application)\s*:.*\n(?:.*\n)*?^(?:handlers|entrypoint|env|vm|service|threadsafe|api_version)\s*:", "app.yaml"),
    (r"(?m)^\s*(?:<!DOCTYPE|<html|<script|<head|<body)", "page.html"),
    (r"(?m)^\s*FROM\s+[\w./:-]+\s*$", "Dockerfile"),
    (r"model_config_list\b", "models.config"),
    (r"(?m)^\s*(?:max_batch_size|batch_timeout_micros)\s*\{", "batching_parameters.txt"),
    (r"(?m)^\s*apiVersion:", "deployment.yaml"),
    (r"(?m)^services:", "docker-compose.yml"),
    (r"(?m)^\s*(?:android|dependencies|buildscript)\s*\{|^\s*(?:implementation|compile|api)\s+['\"]", "build.gradle"),
    (r"(?m)^\s*pod\s+'", "Podfile"),
    (r"(?m)^\s*<(?:manifest|uses-permission|application)\b", "AndroidManifest.xml"),
    (r"\"manifest_version\"\s*:", "manifest.json"),
    (r"\A\s*\{(?:.*\n)*\s*\"(?:devD|d)ependencies\"\s*:", "package.json"),
    (r"(?m)^name: \w+$(?:.*\n)*^dependencies:$", "pubspec.yaml"),
    (r"(?s)\A\s*(?:[A-Za-z][\w.-]*(?:\[[\w,]+\])?[=<>~!]=\S+\s*)+\Z", "requirements.txt"),
    (rf"(?m)^\s*(?:\$ |\./|export \w+=|(?:{_COMMANDS}) )", "commands.sh"),
)  # fmt: skip
"""What a block looks like that is surely not Python, and the file it then is."""

_CODE: tuple[tuple[str, str], ...] = (
    (
        r"(?m)\bfunc \w+\(|^\s*import (?:UIKit|CoreML|Vision)|\bguard let\b|\btry\?|\bUI[A-Z]\w+Representation\(|\bcatch let \w+ as\b",
        "App.swift",
    ),
    (r"(?m)@Override|\b(?:public|private) [\w<>\[\] ]+ \w+|\bnew [\w.<>]+[\[(].*\)?;\s*$|^\s*import (?:org|android|java)\.", "App.java"),
    (r"\bfun \w+\(|\bval \w+ =", "App.kt"),
    (r"(?m)#include\s*<|std::|\bauto \w+ =", "main.cc"),
    (r"(?m)\b(?:const|let|var) \w+|=>|\bawait \w|\bfunction\b|\bdocument\.|\brequire\(|^\s*import .* from ['\"]", "app.js"),
)  # fmt: skip
"""Languages that a block may be in if it does not parse as Python."""

_TAGGED: tuple[tuple[str, str, str], ...] = (
    ("tensorflow.js javascript node.js reactjs angular ionic-framework p5.js ml5.js typescript", "app.js", _CODE[4][0] + r"|;\s*$"),
    ("swift ios coreml xcode", "App.swift", _CODE[0][0] + r"|\b(?:let|var) \w+\s*[:=]"),
    ("android java android-studio", "App.java", _CODE[1][0] + r"|;\s*$"),
    ("kotlin", "App.kt", _CODE[2][0]),
    ("flutter dart", "app.dart", r"\bimport 'package:|\b(?:final|await|Future)\b"),
)  # fmt: skip
"""Tags of questions, and what blocks look like that then are in another language, though most of their lines would do as Python."""

_BRACED = ("App.swift", "App.java", "App.kt", "app.js", "app.ts", "app.dart")
"""Files of languages whose blocks end in braces, which questions cut off."""

_TYPED = re.compile(
    r"\b(?:private|public|readonly) \w+\s*[:=(]|\w[?!]?: (?:string|number|boolean|any|void)\b|^(?:export )?interface \w+", re.MULTILINE
)
"""What tells TypeScript from JavaScript."""

_PYTHON = re.compile(r"(?m)^(?:from [\w.]+ )?import [\w.]+(?: as \w+|, \w+)*$|^\s*def \w+\(|^\s*print\b|^\s*(?:for|if|with|while) .*:\s*$")


@dataclass(frozen=True)
class Judged:
    """One line of the record: is the fault `visible` in what was posted, `why`, and the `rules` that would name it."""

    visible: bool
    rules: frozenset[str]
    why: str


@dataclass
class Replayed:
    """A question, the files its blocks became, and what deplint said of them."""

    post: dict[str, Any]
    files: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def reported(self) -> set[str]:
        return {finding.rule for finding in self.findings}


def blocks(body: str) -> Iterator[str]:
    """The code blocks of a question's HTML, as text, and the commands that stand in its sentences by themselves."""
    for match in _BLOCK.finditer(body):
        text = textwrap.dedent(html.unescape(re.sub(r"<[^>]+>", "", match.group(1))).replace("\t", "    ")).strip("\n")
        text = re.sub(r"(?m)^\S*~\S*\$ ", "$ ", text)
        before = _ASKING.search(body[: match.start()])
        yield f"{before[1]}\n\n{text}" if before and text.startswith("{") else text
    for line in re.split(r"</?(?:p|br|li|code|blockquote|div)[^>]*>|\n", _BLOCK.sub("", body)):
        text = html.unescape(re.sub(r"<[^>]+>", "", line)).strip()
        if _INLINE.match(text):
            yield text


def python(text: str) -> str | None:
    """The text as Python that parses: prompts and Python 2's print mended, lines that are none left out if they are few; None if it
    is something else."""
    if re.search(r"^(?:>>>|In \[\d+\]:)", text, re.M):
        text = "\n".join(_PROMPT.sub("", line) for line in text.split("\n") if _PROMPT.match(line))
    text = _PRINT.sub(r"\1print(\2)", text)
    text = re.sub(r"(?m)^(\s*)\*+(?=\w)|(?<=[\w)])\*+$", r"\1", text)  # what was meant to be italic
    lines = text.split("\n")
    for _ in range(3 + len(lines) // 4):
        try:
            tree = ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
            line = lines[at]
            if "expected an indented block" in error.msg:
                lines.insert(at, " " * (len(lines[at - 1]) - len(lines[at - 1].lstrip()) + 4) + "pass")
            elif "unexpected indent" in error.msg and at and not lines[at - 1].strip().endswith(":"):
                lines[at] = line.lstrip()
            elif line.strip() and not line.lstrip().startswith("#"):
                lines[at] = line[: len(line) - len(line.lstrip())] + "pass  # " + line.strip()
            else:
                return None
            continue
        except ValueError:
            return None
        telling = (ast.Call, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign)
        return "\n".join(lines) if any(isinstance(node, telling) for node in ast.walk(tree)) else None
    return None


def files(body: str, tags: Sequence[str] = ()) -> dict[str, str]:
    """The blocks as files by name; those of one kind that can be joined are. `tags` are the question's."""
    found: dict[str, list[str]] = {}
    for text in blocks(body):
        name = next((name for pattern, name in _KINDS if re.search(pattern, text)), None)
        if name is None and not _OUTPUT.search(text) and not _PYTHON.search(text):
            tagged = ((named, pattern) for words, named, pattern in _TAGGED if set(words.split()) & set(tags))
            name = next((named for named, pattern in tagged if re.search(pattern, text, re.M)), None)
        if name is None and not (_OUTPUT.search(text) and "import " not in text):
            if (code := python(text)) is not None:
                name, text = "post.py", code
            else:
                name = next((name for pattern, name in _CODE if re.search(pattern, text)), None)
        if name == "app.js" and _TYPED.search(text):
            name = "app.ts"
        if name in _BRACED:
            text += "\n}" * max(text.count("{") - text.count("}"), 0)
        if name == "commands.sh":
            text = re.sub(r"(?m)^\s*\$ ", "", text)
        if name is None and text.lstrip().startswith(("{", "[")):
            name = f"data{len(found)}.json"
        if name == "saved_model.txt":
            text = listed(text)
            name = "model/1/saved_model.pb" if text else None
        if name is not None:
            found.setdefault(_free(name, text, found), []).append(text)
    return {name: "\n\n".join(texts) + "\n" for name, texts in found.items()}


_DECLARED = re.compile(r"(?m)^(?:export )?(?:const|let|class|async function|function) (\w+)")


def _free(name: str, text: str, found: dict[str, list[str]]) -> str:
    """The file a block goes to: one of its own where it declares again what a block before it declared."""
    stem, dot, suffix = name.partition(".")
    for number in range(1, 9):
        there = "\n".join(found.get(name, ()))
        if suffix not in ("js", "ts") or not set(_DECLARED.findall(there)) & set(_DECLARED.findall(text)):
            break
        name = f"{stem}{number}{dot}{suffix}"
    return name


_SIGNATURE = re.compile(r"signature_def\['(?P<name>\w+)'\]:(?P<body>.*?)(?=signature_def\[|\Z)", re.S)
_TENSOR = re.compile(
    r"(?P<side>inputs|outputs)\['(?P<key>[^']+)'\] tensor_info:\s*dtype: DT_(?P<dtype>\w+)\s*shape: (?P<shape>[^\n]*)\s*"
    r"name: (?P<tensor>\S+)"
)
_TYPES = {"float": "float32", "double": "float64", "half": "float16"}


def listed(text: str) -> str:
    """The model that a listing of `saved_model_cli show` describes, in the text form of models; empty if it shows no signature. A project
    that is linted has the model itself."""
    lines = []
    for signature in _SIGNATURE.finditer(text):
        sides: dict[str, list[str]] = {"inputs": [], "outputs": []}
        for tensor in _TENSOR.finditer(signature["body"]):
            dtype, sizes = tensor["dtype"].lower(), re.findall(r"-?\d+", tensor["shape"])
            shape = "" if "unknown" in tensor["shape"] else f"[{','.join('?' if size == '-1' else size for size in sizes)}]"
            sides[tensor["side"]].append(f"{tensor['key']}={tensor['tensor'].partition(':')[0]} {_TYPES.get(dtype, dtype)}{shape}")
        if sides["inputs"] and sides["outputs"]:
            lines.append(f"signature {signature['name']} ({', '.join(sides['inputs'])}) -> ({', '.join(sides['outputs'])})")
    return "\n".join(["model savedmodel tags=[serve]", *lines]) if lines else ""


_LISTED = Reader("graph", (), "deplint.cases:read_graph", artifact=True)


class Posted(Project):
    """The files of a question; its models are in their text form."""

    def claims(self, file: File) -> list[Reader]:
        return [_LISTED] if file.name == "saved_model.pb" else super().claims(file)


def replay(post: dict[str, Any], folder: Path, loaded: plugins.Plugins) -> Replayed:
    """Lint the blocks of `post`, written below `folder`."""
    replayed = Replayed(post, files(post["body"], post.get("tags") or ()))
    for name, text in replayed.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = discover([folder]).files
    project = Posted(folder, found, loaded.readers, walked=[folder])
    project.fragments = True
    rules = Names(loaded.rules).choose(None, ())
    replayed.findings = [finding for finding in check(project, found, rules).findings if not finding.rule.startswith("DPL00")]
    return replayed


def judged() -> dict[str, Judged]:
    """The record, by id of the question."""
    with JUDGED.open(newline="") as file:
        return {row["id"]: Judged(row["visible"] == "yes", frozenset(row["rules"].split()), row["why"]) for row in csv.DictReader(file)}


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


def page(replayed: Sequence[Replayed], record: dict[str, Judged]) -> str:
    """docs/study.md: a line for each kind of problem, then what is missed."""
    known = [r for r in replayed if r.post["id"] in record]
    rows = Counter(r.post["leaf"] for r in known)
    visible = [r for r in known if record[r.post["id"]].visible]
    caught = [r for r in visible if record[r.post["id"]].rules & r.reported]
    lines = [
        "<!-- Written by tools/replay_study.py; change its source instead. -->",
        "", "# The study's questions, replayed", "",
        "The code blocks of the questions that the study labelled, linted as fragments. *Visible*: the fault can be seen in what was",
        "posted, judged by reading the question and its accepted answer. *Caught*: a rule names that fault.", "",
        "Made by `python -m tools.replay_study POSTS --write`; the judgements are in `tools/study_judged.csv`.",
        "",
        "| kind of problem | questions | visible | caught |", "|---|---|---|---|",
    ]  # fmt: skip
    for leaf in sorted(rows):
        lines.append(
            f"| {leaf} | {rows[leaf]} | {sum(r.post['leaf'] == leaf for r in visible)} | {sum(r.post['leaf'] == leaf for r in caught)} |"
        )
    lines.append(f"| all | {len(known)} | {len(visible)} | {len(caught)} |")
    lines += ["", "## Caught", "", "| question | kind | the fault | rule |", "|---|---|---|---|"]
    for r in caught:
        judgement = record[r.post["id"]]
        lines.append(f"| {_link(r)} | {r.post['leaf']} | {judgement.why} | {', '.join(sorted(judgement.rules & r.reported))} |")
    lines += ["", "## Missed", "", "| question | kind | the fault |", "|---|---|---|"]
    lines += [f"| {_link(r)} | {r.post['leaf']} | {record[r.post['id']].why} |" for r in visible if r not in caught]
    return "\n".join(lines) + "\n"


def _link(replayed: Replayed) -> str:
    return f"[{replayed.post['id']}](https://stackoverflow.com/q/{replayed.post['id']})"


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.replay_study", description=__doc__.partition("\n")[0])
    parser.add_argument("posts", type=Path)
    parser.add_argument("--platform", action="append", help="server, mobile or browser; repeatable; default: all")
    parser.add_argument("--id", action="append", help="only this question; repeatable")
    parser.add_argument("--json", type=Path, help="write every question's findings to this file, a JSON line each")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    args = parser.parse_args(arguments if arguments is None else list(arguments))
    loaded = plugins.load()
    replayed = []
    for post in read(args.posts):
        if (not args.platform or post["platform"] in args.platform) and (not args.id or post["id"] in args.id):
            with tempfile.TemporaryDirectory() as folder:
                replayed.append(replay(post, Path(folder), loaded))
    record = judged() if JUDGED.exists() else {}
    for r in replayed:
        judgement = record.get(r.post["id"])
        state = "?" if judgement is None else "-" if not judgement.visible else "caught" if judgement.rules & r.reported else "MISSED"
        print(f"{r.post['id']} {r.post['leaf']:6} {state:7} {' '.join(sorted(r.reported)) or '.'}  [{', '.join(r.files)}]")
    if args.json:
        args.json.write_text("".join(json.dumps(_shown(r)) + "\n" for r in replayed))
    if args.write:
        PAGE.write_text(page(replayed, record))
    visible = [r for r in replayed if (j := record.get(r.post["id"])) and j.visible]
    print(
        f"{len(replayed)} questions, {len(visible)} visible, {sum(bool(record[r.post['id']].rules & r.reported) for r in visible)} caught"
    )


def _shown(replayed: Replayed) -> dict[str, Any]:
    found = [
        {"rule": f.rule, "file": Path(f.place.path).name, "line": f.place.span.line if f.place.span else None, "message": f.message}
        for f in replayed.findings
    ]
    return {"id": replayed.post["id"], "leaf": replayed.post["leaf"], "files": sorted(replayed.files), "findings": found}


if __name__ == "__main__":
    main()
