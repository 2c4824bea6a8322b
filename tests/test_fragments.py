"""Fragments of code, in which the usual names need no import."""

from __future__ import annotations

from pathlib import Path

import pytest

from deplint.cli import run
from tools import replay_study

TOCO = 'converter = tf.lite.TFLiteConverter.from_frozen_graph("graph.pb", ["input"], ["output"])\n'


def test_usual_names_stand_for_their_libraries_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text(TOCO)
    assert run([str(tmp_path), "-q"]) == 0
    assert run([str(tmp_path), "-q", "--fragments"]) == 1
    assert "DPL102" in capsys.readouterr().out
    (tmp_path / "deplint.toml").write_text("fragments = true\n")
    assert run([str(tmp_path), "-q"]) == 1


def test_a_name_that_the_fragment_gives_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(f"import mine as tf\n{TOCO}\ndef f(ort):\n    return ort.InferenceSession('missing.onnx')\n")
    assert run([str(tmp_path), "-q", "--fragments"]) == 0


BODY = """<p>I run</p><pre><code>&gt;&gt;&gt; import tensorflow as tf
&gt;&gt;&gt; print tf.__version__
1.9
</code></pre><p>and then</p><pre class="lang-bash"><code>$ docker run -p 8501:8501 tensorflow/serving
</code></pre><p>which says</p><pre><code>Traceback (most recent call last):
  File "a.py", line 1
</code></pre><pre><code>    def f(x):
        return tf.lite.TocoConverter(x)
    ... and so on
</code></pre><pre><code>const model = await tf.loadModel('a.json');</code></pre>"""


def test_blocks_of_a_question_become_files() -> None:
    files = replay_study.files(BODY)
    assert set(files) == {"post.py", "commands.sh", "app.js"}
    assert files["commands.sh"] == "docker run -p 8501:8501 tensorflow/serving\n"
    assert "print(tf.__version__)" in files["post.py"] and "    return tf.lite.TocoConverter(x)" in files["post.py"]
    compile(files["post.py"], "post.py", "exec")
