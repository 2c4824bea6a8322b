"""Check files and folders, and report what will break, degrade or silently change when they are deployed."""

from __future__ import annotations

import os
import shutil
import sys
import time
import traceback
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from deplint import config as configuration
from deplint import plugins, suppress
from deplint.baseline import BaselineError, apply, read, write
from deplint.cli import COMMANDS, Exit, UsageError
from deplint.cli.progress import Progress
from deplint.config import Config, ConfigError
from deplint.declare import Rule
from deplint.discover import Found, Patterns, discover, project_root
from deplint.engine import Report, check
from deplint.finding import Place, Severity
from deplint.names import Names, Unknown, did_you_mean
from deplint.project import File, Project
from deplint.report import count

if TYPE_CHECKING:
    from deplint.fix import Fixed

AROUND_LIMIT = 20_000
"""Files of the surrounding project that are looked at when single files are linted."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", type=Path, default=[Path(".")], metavar="PATH", help="files and folders; default: .")
    chosen = parser.add_argument_group("what to check")
    chosen.add_argument("--select", action="append", metavar="RULES", help="only these: ids, names, categories or leaves, comma-separated")
    chosen.add_argument("--ignore", action="append", metavar="RULES", help="not these, beside those the configuration ignores")
    chosen.add_argument(
        "--exclude", action="append", default=[], metavar="PATTERN", help="files and folders to leave out (git-ignore pattern)"
    )
    chosen.add_argument(
        "--target", action="append", metavar="TARGET", help="where the models are deployed (see `deplint targets`); repeatable"
    )
    chosen.add_argument("--fragments", action="store_true", help="the Python is fragments: tf, np, ort, ... need no import")
    chosen.add_argument("--config", type=Path, metavar="FILE", help="take the configuration from this file")
    chosen.add_argument("--allow-empty", action="store_true", help="finding nothing to lint is not an error")
    output = parser.add_argument_group("output")
    output.add_argument("--format", metavar="FORMAT", help="text, json, sarif, github, or one that a plugin adds")
    output.add_argument("--output", type=Path, metavar="FILE", help="write the report here instead of to standard output")
    output.add_argument("--statistics", action="store_true", help="print how often each rule reports, and nothing else")
    output.add_argument(
        "--fail-on", choices=[str(s) for s in sorted(Severity, reverse=True)], help="least severity for exit code 1; default: warning"
    )
    output.add_argument("--no-progress", action="store_true", help="no progress bar")
    output.add_argument("-q", "--quiet", action="store_true", help="print the findings, and nothing to standard error but errors")
    output.add_argument(
        "-v", "--verbose", action="store_true", help="say which configuration and plugins are used; print tracebacks of crashes"
    )
    fixing = parser.add_argument_group("fixes")
    fixing.add_argument("--fix", action="store_true", help="apply the fixes that cannot change what already works")
    fixing.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: apply also those that may")
    fixing.add_argument("--diff", action="store_true", help="print what --fix would change, and change nothing")
    known = parser.add_argument_group("known findings")
    known.add_argument("--baseline", type=Path, metavar="FILE", help="do not report findings that are in this file")
    known.add_argument("--write-baseline", type=Path, metavar="FILE", help="write all findings of this run to the file, for --baseline")


def main(args: Namespace) -> int:
    if getattr(args, "version", False):
        raise UsageError("--version stands alone")
    say: Callable[[str], None] = (lambda text: None) if args.quiet else lambda text: print(f"deplint: {text}", file=sys.stderr)
    lint = _linter(args)
    fail_on = Severity[args.fail_on] if args.fail_on else lint.config.fail_on
    style = args.format or lint.config.format
    if style not in lint.loaded.reporters:
        raise UsageError(f"no output format is called {style!r}{did_you_mean(style, lint.loaded.reporters)}")
    if args.verbose:
        say(f"configuration: {lint.config.path or 'none, the defaults'}; plugins: {', '.join(lint.loaded.names)}; {len(lint.rules)} rules")

    started = time.perf_counter()
    report = lint({})
    if args.write_baseline:
        try:
            written = write(report.findings, args.write_baseline)
        except OSError as error:
            raise UsageError(f"{args.write_baseline}: {error.strerror}") from None
        say(f"{count(written, 'finding')} written to {args.write_baseline}")
        report.findings = []
    elif args.diff:
        from deplint import fix

        _print(fix.diff(_fixed(report, lint, args, say).files), args.output)
    else:
        if args.fix:
            from deplint import fix

            fixed = _fixed(report, lint, args, say)
            try:
                fix.write(fixed.files)
            except OSError as error:
                raise UsageError(f"{error.filename}: {error.strerror}; nothing was fixed") from None
            report = fixed.report
            report.fixed = fixed.applied
        found = lint.found
        report.skipped = found.skipped + [(path, "excluded") for path in found.excluded] + _unclaimed(args.paths, report)
        report.seconds = time.perf_counter() - started
        _print(_statistics(report) if args.statistics else _render(report, lint.loaded, style, args.output), args.output)

    for crash in report.crashes if args.verbose else ():
        print(crash, file=sys.stderr)
    if report.crashes:
        say(f"something crashed, and not all was checked{'' if args.verbose else '; --verbose prints the tracebacks'}")
        return Exit.trouble
    if not report.read and not lint.found.excluded and not args.allow_empty:
        print(f"deplint: nothing to lint: {count(report.files, 'file')} seen, none of a kind deplint reads", file=sys.stderr)
        return Exit.trouble
    return Exit.findings if any(f.severity >= fail_on for f in report.findings) else Exit.clean


@dataclass
class _Linter:
    """Lints what was found, as often as fixing asks for it; files that are edited already stand for those on the disk."""

    paths: Sequence[Path]
    found: Found
    exclude: Sequence[Patterns]
    config: Config
    loaded: plugins.Plugins
    names: Names
    rules: Sequence[Rule]
    known: Counter[str]
    progress: bool
    targets: Sequence[str] = ()
    fragments: bool = False

    def __call__(self, edited: Mapping[str, File]) -> Report:
        def current(files: Sequence[File]) -> list[File]:
            return [edited.get(file.shown, file) for file in files]

        def around() -> list[File]:
            return current(discover([self.root, *self.paths], self.exclude, AROUND_LIMIT).files)

        targets = current(self.found.files)
        whole = all(path.is_dir() for path in self.paths)
        walked = [Path(os.path.abspath(path)) for path in self.paths] if whole else None
        files = targets if whole else around
        project = Project(self.root, files, self.loaded.readers, self.config.versions, walked, self.targets, edited.values())
        project.fragments = self.fragments
        with Progress(len(targets), self.progress) as progress:
            report = check(project, targets, self.rules, self.config.rules, progress, self.loaded.broken)
        suppress.apply(report, targets, self.config, self.names, whole=suppress.covers(self.paths, self.config.root))
        apply(report, self.known)
        return report

    @cached_property
    def root(self) -> Path:
        """The repository; failing that, the folder of the configuration; failing that, what the paths share."""
        root = project_root(self.paths)
        configured = self.config.path and not (root / ".git").exists() and root.is_relative_to(self.config.root)
        return self.config.root if configured else root


def _linter(args: Namespace) -> _Linter:
    """What to lint and how, from the command line and the configuration.

    Raises:
        UsageError: the command line or the configuration makes no sense.
    """
    loaded = plugins.load()
    names = Names(loaded.rules)
    try:
        config = (configuration.load(args.config) if args.config else configuration.find(args.paths[0])).resolve(names)
        rules = names.choose(_words(args.select) if args.select else config.select, (*config.ignore, *_words(args.ignore)))
        baseline = None if args.write_baseline else args.baseline or config.baseline
        known = read(baseline) if baseline else Counter[str]()
    except (ConfigError, Unknown, BaselineError) as error:
        raise UsageError(str(error)) from None
    exclude = [config.excluded, Patterns(Path.cwd(), args.exclude)]
    found = discover(args.paths, exclude)
    if found.missing:
        raise UsageError(f"no such file or folder: {', '.join(found.missing)}{did_you_mean(found.missing[0], COMMANDS)}")
    targets = _targets(args.target or config.targets)
    return _Linter(
        args.paths,
        found,
        exclude,
        config,
        loaded,
        names,
        rules,
        known,
        not (args.no_progress or args.quiet),
        targets,
        args.fragments or config.fragments,
    )


def _targets(given: Sequence[str]) -> list[str]:
    """The targets that are named, one by one.

    Raises:
        UsageError: there is none of such a name.
    """
    if not given:
        return []
    from deplint.targets import UnknownTarget, asked, split

    try:
        return [str(asked(text)) for text in split(given)]
    except UnknownTarget as error:
        raise UsageError(str(error)) from None


def _fixed(report: Report, lint: _Linter, args: Namespace, say: Callable[[str], None]) -> Fixed:
    from deplint import fix

    fixed = fix.rounds(report, lint, unsafe=args.unsafe_fixes)
    for refusal in fixed.refused:
        say(refusal)
    return fixed


def _words(given: Sequence[str] | None) -> list[str]:
    return [word for words in given or () for word in (w.strip() for w in words.split(",")) if word]


def _unclaimed(paths: Sequence[Path], report: Report) -> list[tuple[str, str]]:
    """Files named on the command line that deplint does not read: nobody should take them for clean."""
    assert report.project is not None
    named = [File(Path(os.path.abspath(path))) for path in paths if path.is_file()]
    return [(file.shown, "not of a kind deplint reads") for file in named if not report.project.claims(file)]


def _render(report: Report, loaded: plugins.Plugins, style: str, output: Path | None) -> str:
    """The report in a format. A reporter that fails is a crash like any other: the plain report says so."""
    if sys.stdout.isatty() and not output and os.environ.get("TERM") != "dumb":
        report.width = shutil.get_terminal_size().columns
    for attempt in (style, "text"):
        module, _, function = loaded.reporters[attempt].partition(":")
        try:
            text: str = getattr(import_module(module), function)(report)
            return text
        except Exception as error:
            if attempt == "text" == style:
                raise
            report.crash(Place("."), f"reporter {style!r} crashed: {type(error).__name__}: {error}", traceback.format_exc())
    raise AssertionError("text is always a format")


def _print(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from None


def _statistics(report: Report) -> str:
    counted = Counter((f.rule, f.name, str(f.severity)) for f in report.findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{number:>7}  {rule}  {severity:<8} {name}\n" for (rule, name, severity), number in rows)
