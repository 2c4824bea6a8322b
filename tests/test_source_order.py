"""Which assignment a name reads: held against what Node prints for the same code (checked once, by hand)."""

from __future__ import annotations

import pytest

from deplint.code.source import SourceFile
from deplint.code.source_order import latest

READS = {
    "let t = 1; t = 2; show(t);": "2",
    "function f(t) { t = 2; show(t); }": "2",
    "let t = 1; try { t = 2; show(t); } catch (e) {}": "2",
    "for (const x of y) { let t = 1; t = 2; show(t); }": "2",
    "let t = 1; if (x) { t = 2; show(t); }": "2",
    "let t = 1; if (x) { t = 3; } t = 2; show(t);": "2",
    "let t; t = 2; while (x) { show(t); }": "2",
    "let t = 2; show(t); t = 3;": "2",
    "let t = 1; if (x) { t = 2; } show(t);": None,
    "let t = 1; if (x) t = 2; show(t);": None,
    "let t = 1; x && (t = 2); show(t);": None,
    "let t = 1; while (x) { show(t); t = 2; }": None,
    "let t = 1; function g() { t = 2; } g(); show(t);": None,
    "let t = 1; t += 1; show(t);": None,
    "function f(t) { if (x) { t = 2; } show(t); }": None,
    "let t = 1; [t] = y; show(t);": None,
    "let t = 1; try { t = g(); } catch (e) {} show(t);": None,
    "let t = 1; const g = () => show(t); t = 2;": None,
    "let t = a; for (const x of y) { t = t.concat(show(t)); }": None,
}


@pytest.mark.parametrize("code", READS)
def test_the_last_assignment(code: str):
    file = SourceFile("x.js", code, "javascript")
    shown = next(call for call in file.calls("show"))
    found = latest(shown.arguments[0].value)
    assert (found.text if found is not None else None) == READS[code]
