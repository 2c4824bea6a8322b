"""Objective-C written as C++, for a parser of C++: messages become calls, methods functions, blocks lambdas.

No kept grammar of Objective-C reads what apps are made of: tree-sitter's knows no C++, of which ``.mm`` files are full, and loses whole
methods around macros (measured on 140 files of public apps). What Objective-C adds to C and C++ is little and is told by its own
marks, so it is replaced in one pass over the tokens, each piece of the result with the place it comes from:

    [[Foo alloc] initWithPath:p error:&e]    Foo .alloc() .initWithPath$error$(p ,&e)
    - (void)run:(NSData *)data { ... }       void run$(NSData * data) { ... }
    @[a, @"b"]    @{k: v}    ^(int n) {}     $array(a, "b")    $dict(k, v)    [](int n) {}
    _name, in a method                       self.name
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<directive>\#(?:[^\n\\]|\\.)*)
    |(?P<string>@?(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|R"(?P<mark>[^(\s]{0,16})\(.{0,1000}?\)(?P=mark)")
    |(?P<number>@?\.?\d(?:[eEpP][+-]|[\w.'])*)
    |(?P<word>@?[A-Za-z_$][\w$]*)
    |(?P<sign>@?[\[({]|::|->|[^\s])""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = ("directive", "string", "number", "word", "sign")
_GAP = re.compile(r"(?:\s+|//[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)

_CLOSES = {"(": ")", "[": "]", "{": "}", "@(": ")", "@[": "]", "@{": "}"}
_KEYWORDS = frozenset({"return", "else", "case", "do", "goto", "throw", "co_return", "co_await", "new", "delete", "typedef"})
"""Words after which an expression begins."""

_WORDS = {
    **dict.fromkeys(("__weak", "__strong", "__block", "__autoreleasing", "__unsafe_unretained", "nullable", "nonnull", "_Nullable",
                     "_Nonnull", "__nullable", "__nonnull", "__kindof", "__bridge", "__bridge_transfer",
                     "__bridge_retained", "__unused", "IBOutlet", "@autoreleasepool", "@finally", "@optional",
                     "@required", "@public", "@private", "@protected", "@package"), ""),
    **dict.fromkeys(("typeof", "__typeof", "__typeof__"), "decltype"),
    **dict.fromkeys(("YES", "@YES", "@true"), "true"),
    **dict.fromkeys(("NO", "@NO", "@false"), "false"),
    **dict.fromkeys(("nil", "Nil"), "nullptr"),
    "@try": "try", "@catch": "catch", "@throw": "throw", "@end": "};",
}  # fmt: skip
"""Words -> what they are in C++, or nothing."""

_CONDITION = re.compile(r"^[ \t]*#[ \t]*(if|endif)", re.MULTILINE)
_RESERVED = frozenset({"class", "delete", "namespace", "new", "operator", "template", "this", "try", "typename"})
"""Words of C++ that Objective-C calls things by; they get a ``_`` behind them."""

_SHOUTED = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+")
_FIELD = re.compile(r"_[a-z]\w*")
_OWN = re.compile(
    r"^(?:static|const|extern)\b[^;={(\n]*?\b(_[a-z]\w*)\s*[;=\[]|^[ \t]+(?!return\b)\w[\w:<>, ]{0,80}[ *&]{1,8}(_[a-z]\w*)\s*=(?!=)",
    re.MULTILINE,
)
"""Variables whose names begin with ``_`` like fields'."""

BRANCHES = 30
"""Branches of conditions that are left out."""

TOKENS = 60_000
"""Tokens beyond which nothing is rewritten."""

DEPTH = 200
"""Brackets in brackets beyond which nothing is."""


@dataclass
class Rewritten:
    """`text`, and for each piece of it where it begins there, and the stretch of the original it stands for."""

    source: str
    text: str
    starts: list[int]
    pieces: list[tuple[int, int]]
    _lines: list[int] = field(default_factory=list)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that characters `start` to `end` of the text stand for."""
        at = max(bisect_right(self.starts, start) - 1, 0)
        first, last = self.pieces[at]
        begin = min(first + start - self.starts[at], last)
        at = max(bisect_right(self.starts, max(end - 1, start)) - 1, 0)
        first, last = self.pieces[at]
        whole = at + 1 < len(self.starts) and self.starts[at + 1] <= end
        finish = max(begin, last if whole else min(first + end - self.starts[at], last))
        for _ in range(self.source.count("]", begin, finish) - self.source.count("[", begin, finish)):
            begin = max(self.source.rfind("[", 0, begin), 0)  # a message begins at its bracket
        return begin, finish

    def written(self, start: int, end: int) -> str:
        return self.source[start:end]

    def position(self, index: int) -> tuple[int, int]:
        """The line and column of a character of the original, counted from 0."""
        if not self._lines:
            self._lines = [0, *(m.end() for m in re.finditer("\n", self.source))]
        line = bisect_right(self._lines, index) - 1
        return line, index - self._lines[line]


def rewrite(text: str) -> Rewritten | None:
    """`text` as C++; None if it is longer or more deeply nested than a person writes."""
    rewriter = _Rewriter(text)
    return rewriter.run() if len(rewriter.tokens) <= TOKENS and rewriter.depth <= DEPTH else None


class _Rewriter:
    """One pass over the tokens. `instead` holds what stands for a token, `after` what comes behind it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        self.kinds: list[str] = []
        self.at: list[int] = []
        self.close: dict[int, int] = {}
        """The brackets that open and those that close them."""
        self.instead: dict[int, str] = {}
        self.after: dict[int, str] = {}
        self.depth = self.skipped = 0
        self.until = 0
        """The token before which code of a function goes on."""
        self.home = ""
        """``@interface`` or ``@implementation``, inside one."""
        self._scan()
        self.own = {name for found in _OWN.findall(text) for name in found if name}

    def _scan(self) -> None:
        index = 0
        opened: list[int] = []
        conditions: list[int] = []
        text = self.text
        while True:
            gap = _GAP.match(text, index)
            index = gap.end() if gap else index
            match = _TOKEN.match(text, index)
            if match is None or len(self.tokens) > TOKENS:
                break
            token = match[0]
            if match["directive"]:
                token = self._conditional(token, index, conditions, len(opened))
            number = len(self.tokens)
            if token in _CLOSES:
                opened.append(number)
                self.depth = max(self.depth, len(opened))
            elif token in ")]}":
                while opened and _CLOSES[self.tokens[opened[-1]]] != token and token == "}":
                    opened.pop()  # what a brace closes was left open
                if opened and _CLOSES[self.tokens[opened[-1]]] == token:
                    self.close[opened.pop()] = number
            self.tokens.append(token)
            self.kinds.append(next(kind for kind in _KINDS if match[kind] is not None))
            self.at.append(index)
            index += len(token)

    def _conditional(self, directive: str, index: int, conditions: list[int], depth: int) -> str:
        """The token that a directive at `index` is. All branches of a condition are read, except where one leaves a brace open, which
        the others then do too; they are part of the directive. `conditions` are the braces open where each began."""
        word = re.match(r"#\s*(\w*)", directive)
        kind = word[1] if word else ""
        if kind in ("if", "ifdef", "ifndef"):
            conditions.append(depth)
        elif kind == "endif" and conditions:
            conditions.pop()
        elif kind in ("else", "elif") and conditions and conditions[-1] != depth and self.skipped < BRANCHES:
            level = 0
            self.skipped += 1
            for match in _CONDITION.finditer(self.text, index + len(directive)):
                if match[1] == "endif" and level == 0:
                    return self.text[index : match.start()]
                level += 1 if match[1] == "if" else -1
        return directive

    def run(self) -> Rewritten:
        i = 0
        while i < len(self.tokens):
            if i not in self.instead:
                i = self._step(i, self.tokens[i])
            else:
                i += 1
        return self._written()

    def _written(self) -> Rewritten:
        parts: list[str] = []
        starts: list[int] = []
        pieces: list[tuple[int, int]] = []
        length = index = 0

        def put(part: str, first: int, last: int) -> None:
            nonlocal length
            if part:
                parts.append(part)
                starts.append(length)
                pieces.append((first, last))
                length += len(part)

        for i, token in enumerate(self.tokens):
            start, end = self.at[i], self.at[i] + len(token)
            put(self.text[index:start], index, start)
            put(self.instead.get(i, token), start, end)
            put(self.after.get(i, ""), end, end)
            index = end
        put(self.text[index:], index, len(self.text))
        return Rewritten(self.text, "".join(parts), starts or [0], pieces or [(0, 0)])

    # Pieces of code.

    def _word(self, i: int) -> str:
        return self.tokens[i] if 0 <= i < len(self.tokens) else ""

    def _drop(self, first: int, last: int) -> int:
        """Leave out the tokens from `first` to before `last`."""
        for i in range(first, min(last, len(self.tokens))):
            self.instead[i] = ""
        return last

    def _through(self, i: int, *signs: str) -> int:
        """The token after the first of `signs` that follows, groups skipped."""
        while i < len(self.tokens) and self.tokens[i] not in signs:
            i = self.close.get(i, i) + 1
        return i + 1

    def _ends(self, i: int) -> bool:
        """Whether an expression may end with token `i`."""
        if i < 0:
            return False
        kind = self.kinds[i]
        return (
            self.tokens[i] in (")", "]")
            or kind in ("string", "number")
            or (kind == "word" and (self.tokens[i] not in _KEYWORDS or self._word(i - 1) == "."))
        )

    def _broken(self, i: int) -> bool:
        """Whether a line ends between token `i` and the one before."""
        if i <= 0 or i >= len(self.tokens):
            return True
        return "\n" in self.text[self.at[i - 1] + len(self.tokens[i - 1]) : self.at[i]]

    def _items(self, first: int, last: int) -> Iterator[int]:
        """The tokens from `first` to before `last` that are in no group in there; a group is its opening token."""
        i = first
        while i < last:
            yield i
            i = self.close.get(i, i) + 1

    def _step(self, i: int, token: str) -> int:
        if self.kinds[i] == "directive":
            included = re.match(r"#\s*(?:import|include)\b", token)
            self.instead[i] = f"#include{token[included.end() :]}" if included else ""
            return i + 1
        if self.kinds[i] in ("string", "number"):
            if token.startswith("@"):
                self.instead[i] = token[1:]
            return i + 1
        member = bool(self.home) and i >= self.until
        if self.kinds[i] == "word":
            return self._named(i, token, member)
        if member and token in "+-":
            return self._method(i)
        if member and token == "{":
            self.until = self.close.get(i, len(self.tokens))
        elif token == "[":
            self._message(i)
        elif token == "^":
            return self._block(i)
        elif token in ("@[", "@{", "@("):
            self._boxed(i, token)
        return i + 1

    def _named(self, i: int, token: str, member: bool) -> int:
        if token in ("@interface", "@implementation"):
            return self._class(i)
        if token == "@protocol":
            return self._protocol(i)
        if token in ("@class", "@synthesize", "@dynamic"):
            return self._drop(i, self._through(i, ";"))
        if token == "@import":
            end = self._through(i, ";") - 1
            self.instead.update({i: "\n#include <", end: ">\n"})
            return end
        if token == "@property":
            return self._drop(i, self.close.get(i + 1, i) + 1 if self._word(i + 1) == "(" else i + 1)
        if token in ("@selector", "@encode", "@available", "@synchronized") and i + 1 in self.close:
            end = self.close[i + 1]
            named = "".join(self.tokens[i + 2 : end])
            self._drop(i, end + 1)
            self.instead[i] = {"@selector": f'"{named}"', "@encode": '""', "@available": "$available()"}.get(token, "")
            return end + 1
        if token in ("NS_ENUM", "NS_OPTIONS") and i + 1 in self.close and self.close[i + 1] >= i + 5:
            end = self.close[i + 1]
            self._drop(i, end - 1)
            self.instead.update({i: "enum ", end: ""})
            return end + 1
        if token == "for" and i + 1 in self.close:
            inside = next((k for k in self._items(i + 2, self.close[i + 1]) if self.tokens[k] == "in"), None)
            if inside is not None:
                self.instead[inside] = ":"
        elif token == "@end":
            self.home = ""
        elif _FIELD.fullmatch(token) and self.home and self._word(i - 1) not in (".", "->", "::") and token not in self.own:
            self.instead[i] = token[1:] if member else f"self.{token[1:]}"
        elif _SHOUTED.fullmatch(token) and (member or not self.home) and i >= self.until:
            return self._macro(i, member)
        if token in _WORDS:
            self.instead[i] = _WORDS[token]
        elif token in _RESERVED and self._word(i - 1) == ".":
            self.instead[i] = token + "_"
        return i + 1

    def _macro(self, i: int, member: bool) -> int:
        """A macro where a declaration may be: one that makes a method of what is in it, or one that says nothing."""
        group = i + 1 if self._word(i + 1) == "(" else i
        end = self.close.get(group, i) + 1
        if member and group > i and self._word(end) == "{":
            first = next((k + 1 for k in self._items(i + 2, end - 1) if self.tokens[k] == ","), i + 2)
            self._drop(i, first)
            self.instead[end - 1] = ""
            return self._signature(first, end)
        if self._broken(i) and self._broken(end + (self._word(end) == ";")) and (member or group == i):
            return self._drop(i, end)
        return i + 1

    def _class(self, i: int) -> int:
        """``@interface Foo (Category) : Base <Protocols> {fields}`` begins a class."""
        self.home = self.tokens[i]
        self.until = i
        self.instead[i] = "class"
        last = i + 1
        k = i + 2
        if self._word(k) == "(" and k in self.close:
            k = self._drop(k, self.close[k] + 1)
        if self._word(k) == ":":
            last = k + 1
            k += 2
        if self._word(k) == "<":
            k = self._drop(k, self._through(k, ">"))
        if self._word(k) == "{" and k in self.close:
            self.instead[self.close[k]] = ""
            self.until = 0
            return k + 1
        self.after[last] = " {"
        return k

    def _protocol(self, i: int) -> int:
        if self._word(i + 1) == "(":
            end = self.close.get(i + 1, i + 1) + 1
            self._drop(i, end)
            self.instead[i] = "0"
            return end
        forward = self._word(i + 2) in (";", ",")
        return self._drop(i, self._through(i, ";" if forward else "@end"))

    def _method(self, i: int) -> int:
        """``- (T)sel:(T)a sel2:(T)b {``; of one that is only declared nothing remains."""
        end = self._through(i, "{", ";", "@end") - 1
        if self._word(end) != "{":
            return self._drop(i, end + (self._word(end) == ";"))
        self.instead[i] = "static void " if self.tokens[i] == "+" else "void "
        first = i + 1
        if self._word(first) == "(" and first in self.close:
            first = self._drop(first, self.close[first] + 1)
        return self._signature(first, end)

    def _signature(self, first: int, end: int) -> int:
        """The parts of a method's name and its parameters, which end before token `end`."""
        parts: list[str] = []
        i = first
        while i < end:
            colon = i if self.tokens[i] == ":" else i + 1
            if self._word(colon) == ":" and (colon == i or self.kinds[i] == "word"):
                self._drop(i, colon + 1)
                self.instead[i] = ", " if parts else ""
                parts.append("" if colon == i else self.tokens[i])
                i = colon + 1
                if self._word(i) == "(" and i in self.close:
                    self._type(i)
                    i = self.close[i] + 1
                if self._word(i).startswith("__"):
                    i = self._drop(i, i + 1)
                i += 1
            elif i == first:
                parts.append(self.tokens[i])
                i += 1
            else:
                i = self._drop(i, self.close.get(i, i) + 1)  # attributes, ``, ...``
        if self._word(first + 1) == ":":
            self.instead[first] = "$".join([*parts, ""]) + "("
            self.after[end - 1] = ") "
        else:
            self.after[first] = "() "
        return end

    def _type(self, i: int) -> None:
        """A parameter's type, out of its parentheses."""
        end = self.close[i]
        if "^" in self.tokens[i:end]:
            self._drop(i, end + 1)
            self.instead[i] = "id "
            return
        self.instead.update({i: "", end: " "})
        for k in range(i + 1, end):
            if self.tokens[k] in _WORDS:
                self.instead[k] = _WORDS[self.tokens[k]]

    def _message(self, i: int) -> None:
        """``[receiver part:argument part:argument]``, where it is one."""
        end = self.close.get(i)
        if end is None or (self._ends(i - 1) and self.tokens[i - 1] != ")" and self.instead.get(i - 1) != ":"):
            return
        items = list(self._items(i + 1, end))
        parts: list[int] = []
        chosen = 0
        for n, k in enumerate(items):
            sign = self.tokens[k]
            if sign == "?":
                chosen += 1
            elif sign == ":" and chosen:
                chosen -= 1
            elif sign == ":" and n > 1 and self.kinds[items[n - 1]] == "word" and self._follows(items, n - 1):
                parts.append(n - 1)
        bare = not parts and len(items) > 1 and self.kinds[items[-1]] == "word" and self._follows(items, len(items) - 1)
        if bare:
            parts = [len(items) - 1]
        if not parts or (self._ends(i - 1) and len(items) == 2 and self.tokens[items[0]] == "("):
            return  # a subscript: ``a(b)[(int) c]``
        receiver = items[: parts[0]]
        wrapped = len(receiver) > 1 and (self.tokens[receiver[0]] in ("(", "*", "&", "!") or self.kinds[receiver[0]] == "sign")
        self.instead[i] = "(" if wrapped else ""
        names = [self._plain(items[n]) for n in parts]
        first = items[parts[0]]
        self.instead[first] = (")." if wrapped else ".") + ("$".join([*names, ""]) if not bare else names[0]) + "("
        for n in parts[1:]:
            self.instead[items[n]] = ","
        for n in parts if not bare else ():
            self.instead[items[n + 1]] = ""
        self.instead[end] = ")"
        if len(receiver) > 2 and self.tokens[receiver[1]] == "<":
            self._drop(receiver[1], first)

    def _plain(self, i: int) -> str:
        return self.tokens[i] + "_" if self.tokens[i] in _RESERVED else self.tokens[i]

    def _follows(self, items: list[int], n: int) -> bool:
        """Whether the word at `n` comes right after an expression, so that it is a message's and no part of that."""
        before = items[n - 1]
        if self.tokens[before] == ">":
            return True
        return self._ends(self.close.get(before, before)) or before in self.close

    def _block(self, i: int) -> int:
        """``^(T a) {...}`` is a function, ``(^name)`` the declaration of one, ``a ^ b`` neither."""
        if self._word(i - 1) == "(" and ")" in (self._word(i + 1), self._word(i + 2)):
            self.instead[i] = "*"
        elif not self._ends(i - 1) or self.tokens[i - 1] == ")":
            k = i + 1
            while k < len(self.tokens) and k < i + 8 and self.tokens[k] not in ("(", "{"):
                k += 1
            opens = self.close.get(k, k) + 1 if self._word(k) == "(" else k
            if self._word(opens) == "{":
                self._drop(i, k)
                self.instead[i] = "[]"
                return k
        return i + 1

    def _boxed(self, i: int, token: str) -> None:
        """``@[a, b]``, ``@{k: v}``, ``@(x)``."""
        end = self.close.get(i)
        if end is None:
            self.instead[i] = token[1:]
            return
        self.instead[i] = {"@[": "$array(", "@{": "$dict(", "@(": "("}[token]
        self.instead[end] = ")"
        chosen = 0
        for k in self._items(i + 1, end) if token == "@{" else ():
            if self.tokens[k] == "?":
                chosen += 1
            elif self.tokens[k] == ":" and chosen:
                chosen -= 1
            elif self.tokens[k] == ":":
                self.instead[k] = ","
        # A comma before the end is no argument more.
        if self.tokens[end - 1] == ",":
            self.instead[end - 1] = ""
