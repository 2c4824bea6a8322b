"""Shell text as simple commands of words: for scripts, recipes of Makefiles, Dockerfiles and command lines in other settings.

Only what settings need is understood: quotes, continuation lines, comments, variables with a known value or default, here-documents
(skipped) and the operators between commands. Anything computed (``$(...)``, a variable nobody sets) makes the word unknown.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.settings.text import Source, Word

Variables = Mapping[str, str | None]

_DEEPEST = 8
"""Defaults within defaults (``${A:-${B:-c}}``) that are followed."""

_LONGEST_VALUE = 1024
"""Characters of a variable's value beyond which it counts as unknown: a value made of values can grow without end."""

_MOST_SUBSTITUTED = 1 << 18
"""Characters that variables may add to one text."""

_BLANK = re.compile(r"(?:[ \t\r\f\v]|\\\n)+")
_OPERATOR = re.compile(r"\n|;;&?|;&|&&|\|\||\|&|[;|&()]")
_REDIRECTION = re.compile(r"[0-9]*(?:<<<|<<-?|[<>]&(?:[0-9]+-?|-)|&>>?|>>|>\||<>|[<>]&?)")
_PLAIN_RUN = {True: re.compile(r"[^\s\\'\"`$]+"), False: re.compile(r"[^\s\\'\"`$;&|()<>]+")}
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?=)")
_OPENING = {"if", "while", "until", "for", "case", "select", "{", "function"}
_CLOSING = {"fi", "done", "esac", "}"}
_LEADING = {"then", "else", "elif", "do", "!", "time", "if", "while", "until", "{"}
_KEYWORDS = _OPENING | _CLOSING | _LEADING
_DECLARING = {"export", "readonly", "declare", "local", "typeset"}


@dataclass
class Command:
    """A simple command: its words without redirections; `assignments` are those in front of it, or the whole of it."""

    words: list[Word]
    assignments: dict[str, Word] = field(default_factory=dict)


def commands(source: Source, start: int = 0, text: str = "", variables: Variables | None = None, make: bool = False) -> list[Command]:
    """The commands in `text` (which stands at offset `start` of `source`; all of the source if empty), in order.

    `variables` are known beforehand; assignments on the way are followed, and forgotten where they depend on a condition. With `make`,
    ``$(NAME)`` is a variable and a leading ``@`` or ``-`` is none of the command's business.
    """
    return list(_Lexer(text or source.text, lambda a, b: source.place(start + a, start + b), variables, make=make).commands())


def words(source: Source, start: int, text: str, variables: Variables | None = None) -> list[Word]:
    """The words in `text` (which stands at offset `start` of `source`), where nothing is an operator: arguments, not commands."""
    return list(_Lexer(text, lambda a, b: source.place(start + a, start + b), variables, plain=True).words())


def arguments(text: str, place: Place, variables: Variables | None = None) -> list[Word]:
    """The words in a string that stands at `place` as a whole, where nothing is an operator."""
    return list(_Lexer(text, lambda a, b: place, variables, plain=True).words())


def split(text: str, place: Place, variables: Variables | None = None) -> list[Command]:
    """The commands in a string that stands at `place` as a whole."""
    return list(_Lexer(text, lambda a, b: place, variables).commands())


def expand(text: str, variables: Variables) -> str | None:
    """`text` with its variables replaced; None if one is unknown. Quotes stay."""
    return _Lexer(text, lambda a, b: Place(""), variables).expanded(text)


def unwrap(argv: Sequence[Word], variables: Variables | None = None) -> list[list[Word]]:
    """What an argument vector runs: the commands within ``sh -c "..."``, else itself."""
    shell = bool(argv) and (argv[0].text or "").rsplit("/", 1)[-1] in {"sh", "bash", "dash", "ash", "zsh"}
    for i, word in enumerate(argv[1:] if shell else (), 2):
        if re.fullmatch(r"-[a-z]*c", word.text or "") and i < len(argv):
            script = argv[i]
            return [c.words for c in split(script.text if script.text is not None else script.written, script.place, variables) if c.words]
    return [list(argv)] if argv else []


def flags(argv: Sequence[Word]) -> dict[str, Word]:
    """``--name=value``, ``--name value`` and ``--name`` (value ``true``) by name, the last of each. Words of ``sh -c`` count too.

    A value is a `Word` at the flag's place whose text is None if it is unknown. A word after a flag is its value unless it starts with
    a hyphen; so a positional argument after a boolean flag is mistaken for its value.
    """
    found: dict[str, Word] = {}
    for command in unwrap(argv):
        for i, word in enumerate(command):
            match = re.match(r"[\"']?--?([A-Za-z][\w.-]*)(=?)", word.text if word.text is not None else word.written)
            if not match:
                continue
            name, equals = match.groups()
            following = command[i + 1] if i + 1 < len(command) else None
            if equals:
                value = None if word.text is None else word.text[match.end() :]
            elif word.text is None:
                continue
            elif following is None or (following.text or following.written).startswith("-"):
                value = "true"
            else:
                value = following.text
            found[name] = Word(value, word.place, word.written)
    return found


class _Lexer:
    def __init__(
        self,
        text: str,
        at: Callable[[int, int], Place],
        variables: Variables | None = None,
        plain: bool = False,
        make: bool = False,
        depth: int = 0,
    ) -> None:
        self.text, self.at, self.plain, self.make, self.depth = text, at, plain, make, depth
        self.variables = dict(variables or {})
        self.here: list[tuple[str, bool]] = []
        self.substituted = 0

    def words(self) -> Iterator[Word]:
        for token in self._tokens():
            if isinstance(token, Word):
                yield token

    def commands(self) -> Iterator[Command]:
        current: list[Word] = []
        nesting = parentheses = 0
        chained = False
        for token in itertools.chain(self._tokens(), ["\n"]):
            if isinstance(token, Word):
                current.append(token)
                continue
            first = 0
            for word in current:
                if word.text not in _KEYWORDS:
                    break
                nesting = max(0, nesting + (word.text in _OPENING) - (word.text in _CLOSING))
                first += 1
                if word.text not in _LEADING:  # `for x in ...`, `case ... in`, `done < file`: no command follows
                    if word.text == "for" and len(current) > first:
                        self.variables[current[first].written] = None
                    first = len(current)
                    break
            command = self._command(current[first:], certain=not (nesting or parentheses or chained))
            if command.words or command.assignments:
                yield command
            current = []
            chained = token in ("&&", "||", "|", "|&")
            parentheses = max(0, parentheses + (token == "(") - (token == ")"))

    def _command(self, words: list[Word], certain: bool) -> Command:
        if self.make and words and words[0].text:
            stripped = words[0].text.lstrip("@-+")
            words = [Word(stripped, words[0].place, words[0].written), *words[1:]] if stripped else words[1:]
        declaring = bool(words) and words[0].text in _DECLARING
        assigned: list[tuple[str, str, Word]] = []
        for word in words[declaring:]:
            match = _ASSIGNMENT.match(word.written)
            if match:
                value = word.text[match.end() :] if word.text is not None else None
                assigned.append((match.group(1), match.group(2), Word(value, word.place, word.written[match.end() :])))
            elif not declaring:
                break
        rest = words[len(assigned) :]
        if declaring or not rest:  # in front of a command, assignments are for that command alone
            self.variables.update((name, value.text if certain and sign == "=" else None) for name, sign, value in assigned)
        if words and words[0].text == "read":
            self.variables.update((word.text, None) for word in words[1:] if word.text)
        return Command([] if declaring else rest, {name: value for name, _, value in assigned})

    def _tokens(self) -> Iterator[Word | str]:
        """Words, and operators between commands as strings."""
        text, at = self.text, 0
        while at < len(text):
            blank = _BLANK.match(text, at)
            if blank:
                at = blank.end()
                continue
            if text[at] == "#" and not self.plain:
                end = text.find("\n", at)
                at = len(text) if end < 0 else end
                continue
            if not self.plain:
                redirection = _REDIRECTION.match(text, at)
                if redirection:
                    at = self._redirected(redirection)
                    continue
                operator = _OPERATOR.match(text, at)
                if operator:
                    at = operator.end()
                    if operator.group() == "\n" and self.here:
                        at = self._after_documents(at)
                    yield operator.group()
                    continue
            elif text[at] == "\n":
                at += 1
                continue
            end, value = self._word(at)
            yield Word(value, self.at(at, end), text[at:end])
            at = end

    def _redirected(self, match: re.Match[str]) -> int:
        """The offset after a redirection and its target."""
        at, operator = match.end(), match.group().lstrip("0123456789")
        if operator[-1].isdigit() or operator.endswith("&-"):
            return at
        blank = _BLANK.match(self.text, at)
        at = blank.end() if blank else at
        if at >= len(self.text) or _OPERATOR.match(self.text, at):
            return at
        end, _ = self._word(at)
        if operator in ("<<", "<<-"):
            self.here.append((re.sub(r"[\\'\"]", "", self.text[at:end]), operator == "<<-"))
        return max(end, at + 1)

    def _after_documents(self, at: int) -> int:
        for delimiter, tabs in self.here:
            match = re.compile(rf"(?m)^{'	*' if tabs else ''}{re.escape(delimiter)}[ \t]*$\n?").search(self.text, at)
            at = match.end() if match else len(self.text)
        self.here = []
        return at

    def _word(self, at: int) -> tuple[int, str | None]:
        """The end of the word at `at` and what it means."""
        text, parts, known = self.text, [], True
        run = _PLAIN_RUN[self.plain]
        start = at
        while at < len(text):
            match = run.match(text, at)
            if match:
                at = match.end()
                parts.append(match.group())
                continue
            sign = text[at]
            if sign == "\\":
                if at + 1 < len(text) and text[at + 1] != "\n":
                    parts.append(text[at + 1])
                at += 2
            elif sign == "'":
                end = text.find("'", at + 1)
                end = len(text) if end < 0 else end
                parts.append(text[at + 1 : end])
                at = end + 1
            elif sign == '"':
                at, value = self._quoted(at + 1)
                parts.append(value or "")
                known = known and value is not None
            elif sign in "$`":
                at, value = self._computed(at)
                parts.append(value or "")
                known = known and value is not None
            elif at == start:  # cannot begin a word: never get stuck
                parts.append(sign)
                at += 1
            else:
                break
        at = min(at, len(text))
        written = text[start:at]
        if "{{" in written and "}}" in text[start : at + 200]:  # a template's hole
            known = False
        return at, "".join(parts) if known else None

    def _quoted(self, at: int) -> tuple[int, str | None]:
        text, parts, known = self.text, [], True
        while at < len(text):
            match = _IN_QUOTES.match(text, at)
            if match:
                at = match.end()
                parts.append(match.group())
            elif text[at] == '"':
                return at + 1, "".join(parts) if known else None
            elif text[at] == "\\":
                following = text[at + 1 : at + 2]
                parts.append("" if following == "\n" else following if following in '"\\$`' else "\\" + following)
                at += 2
            else:
                at, value = self._computed(at)
                parts.append(value or "")
                known = known and value is not None
        return len(text), None

    def _computed(self, at: int) -> tuple[int, str | None]:
        """The end and the value of what a ``$`` or a backtick at `at` begins."""
        text = self.text
        if text[at] == "`":
            end = text.find("`", at + 1)
            return (len(text) if end < 0 else end + 1), None
        following = text[at + 1 : at + 2]
        if following in ("(", "{"):
            end = _closing(text, at + 1)
            inner = text[at + 2 : end - 1]
            if following == "(" and not (self.make and _NAME.fullmatch(inner)):
                return end, None
            return end, self._parameter(inner)
        match = _NAME.match(text, at + 1)
        if match:
            return match.end(), None if self.make else self._value(match.group())
        if following and following in "0123456789@*#?$!-":
            return at + 2, None
        if following == "'":
            end = text.find("'", at + 2)
            return (len(text), None) if end < 0 else (end + 1, text[at + 2 : end])
        return at + 1, "$" if following != '"' else ""

    def _value(self, name: str) -> str | None:
        return self._bounded(self.variables.get(name))

    def _bounded(self, value: str | None) -> str | None:
        self.substituted += len(value or "")
        return None if value and (len(value) > _LONGEST_VALUE or self.substituted > _MOST_SUBSTITUTED) else value

    def _parameter(self, inner: str) -> str | None:
        """What ``${inner}`` means."""
        match = re.match(r"([A-Za-z_][A-Za-z0-9_]*|[0-9]+)(:?[-=+?])?", inner)
        if match is None or (match.end() < len(inner) and not match.group(2)):
            return None
        name, operator = match.groups()
        value = self._value(name)
        unset = name not in self.variables or (value == "" and operator is not None and operator[0] == ":")
        if operator and operator[-1] in "-=" and unset:
            return self._bounded(self.expanded(inner[match.end() :]))
        return None if operator and operator[-1] == "+" else value

    def expanded(self, text: str) -> str | None:
        if self.depth >= _DEEPEST:
            return None
        inner = _Lexer(text, self.at, self.variables, plain=True, make=self.make, depth=self.depth + 1)
        parts, at = [], 0
        while at < len(text):
            sign = text.find("$", at)
            if sign < 0:
                parts.append(text[at:])
                break
            parts.append(text[at:sign])
            at, value = inner._computed(sign)
            if value is None:
                return None
            parts.append(value)
        joined = "".join(parts)
        quoted = re.fullmatch(r"\"([^\"]*)\"|'([^']*)'", joined)
        return (quoted.group(1) or quoted.group(2) or "") if quoted and self.depth else joined


def _closing(text: str, at: int) -> int:
    """The offset after the bracket that closes the one at `at`; the end of the text if none does."""
    opening = text[at]
    pattern = _PARENTHESES if opening == "(" else _BRACES
    depth = 0
    for match in pattern.finditer(text, at):
        sign = match.group()
        if sign == opening:
            depth += 1
        elif sign in ")}":
            depth -= 1
            if not depth:
                return match.end()
    return len(text)


_PARENTHESES = re.compile(r"[()]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_BRACES = re.compile(r"[{}]|\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
