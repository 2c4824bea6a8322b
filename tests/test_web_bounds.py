"""Following values in scripts nobody wrote: long chains, deep nests and rings end, in little time and without a crash."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from deplint import plugins
from deplint.engine import check
from deplint.project import File, Project

HEAD = "import * as tf from '@tensorflow/tfjs';\nconst model = await tf.loadGraphModel('/m/model.json');\n"
SCRIPTS = {
    "chain": HEAD + "model.predict(tf.zeros([1])" + "".join(f".add({i})\n" for i in range(3000)) + ");",
    "nest": HEAD + "model.predict(" + "tf.neg(" * 400 + "tf.zeros([1])" + ")" * 400 + ");",
    "squares": HEAD + "let t = tf.zeros([2]);\n" + "t = t.add(t);\n" * 10 + "model.predict(t.mul(t).mul(t.mul(t)));",
    "ring": HEAD + "const {a} = b; const {b} = c; const {c} = a;\n"
    "function f(x) { return g(x); }\nfunction g(x) { return f(x); }\nmodel.predict(f(a));",
    "callers": HEAD
    + "".join(
        f"function f{i}(a, img) {{ img.src = 'x'; requestAnimationFrame(f{i}); return f{i + 1}(a.add({i}), img).reshape([2]); }}\n"
        for i in range(1000)
    )
    + "model.predict(f0(tf.zeros([2]), document.getElementById('q')));",
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_ends(tmp_path: Path, name: str):
    path = tmp_path / "big.js"
    path.write_text(SCRIPTS[name], "utf-8")
    loaded = plugins.load()
    rules = [rule for rule in loaded.rules if rule.id.startswith(("DPL80", "DPL84", "DPL85", "DPL86"))]
    files = [File(path, "big.js")]
    started = time.process_time()
    report = check(Project(tmp_path, files, loaded.readers), files, rules)
    assert not report.crashes, report.crashes[0]
    assert time.process_time() - started < 10
