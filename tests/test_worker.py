"""A worker answers, one process many questions, and whatever happens to it is an exception here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deplint import worker
from deplint.worker import Answer, Crashed, Endless, NoAnswer, Refused, Worker

MEMORY = 64 << 20


def process_id() -> Answer:
    return lambda question: [os.getpid(), question]


def endless() -> Answer:
    def answer(question: object) -> object:
        while question:
            pass
        return question

    return answer


def sleeping() -> Answer:
    return time.sleep


def crashing() -> Answer:
    return lambda _: os.abort()


def leaving() -> Answer:
    return lambda _: os._exit(3)


def greedy() -> Answer:
    return lambda _: len(bytearray(1 << 30))


def refusing() -> Answer:
    return lambda question: {}[question]


def printing() -> Answer:
    def answer(question: object) -> object:
        print("a library says hello")
        os.write(1, b"and its native part, too\n")
        return question

    return answer


def unable() -> Answer:
    raise ImportError("no such library")


def asking(name: str) -> Worker:
    return Worker(f"test_worker:{name}", MEMORY)


def test_one_process_answers_many_questions() -> None:
    one = asking("process_id")
    answers = [one.ask(question, 5) for question in (1, "zwei \udcff\n", {"a": [None]})]
    assert len({pid for pid, _ in answers} - {os.getpid()}) == 1
    assert [said for _, said in answers] == [1, "zwei \udcff\n", {"a": [None]}]
    assert one.close() == 0
    assert one.ask(1, 5)[0] != answers[0][0], "closed, it starts again"
    one.close()


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("endless", Endless, ""),
        ("crashing", Crashed, str(int(signal.SIGABRT))),
        ("leaving", NoAnswer, "ended with 3"),
        ("greedy", Refused, "MemoryError"),
        ("refusing", Refused, "7"),
        ("unable", NoAnswer, "ImportError: no such library"),
        ("none_of_that_name", NoAnswer, "AttributeError"),
    ],
)
def test_what_may_happen(name: str, kind: type[NoAnswer], said: str) -> None:
    one = asking(name)
    for _ in range(2):  # it starts anew after each
        with pytest.raises(kind) as raised:
            one.ask(7, 0.2)
        assert type(raised.value) is kind and said in str(raised.value)


def test_time_is_counted_for_each_question() -> None:
    one = asking("endless")
    assert one.ask(0, 0.3) == 0
    with pytest.raises(Endless):
        one.ask(1, 0.1)
    assert one.ask(0, 0.3) == 0
    one.close()


def test_time_on_the_clock_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "WALL_SECONDS", 0.5)
    with pytest.raises(Endless):
        asking("sleeping").ask(60, 0.1)


def test_what_a_library_prints_is_no_answer() -> None:
    one = asking("printing")
    assert [one.ask(i, 5) for i in range(3)] == [0, 1, 2]
    one.close()


def test_a_process_that_died_between_questions_is_said() -> None:
    one = asking("process_id")
    os.kill(one.ask(1, 5)[0], signal.SIGTERM)
    with pytest.raises(Crashed):
        one.ask(2, 5)
    assert one.ask(3, 5)[1] == 3
    one.close()


def test_no_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(NoAnswer, match="No such file"):
        asking("process_id").ask(1, 1)


def test_nothing_is_imported_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    # As ``python -m deplint`` and an interactive session have it.
    monkeypatch.setattr("sys.path", [str(tmp_path), "", *sys.path])
    assert asking("process_id").ask(1, 5)[1] == 1


def test_it_ends_with_the_program(tmp_path: Path) -> None:
    program = f"import sys; sys.path[:] = {sys.path!r}; from test_worker import asking; print(asking('process_id').ask(1, 5)[0])"
    ran = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=20)
    assert ran.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.stdout), 0)
