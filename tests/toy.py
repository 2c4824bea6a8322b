"""A language for tests: a `.toy` file holds words; rules over it need nothing of deplint's own facts."""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Edit, File, Finding, Fix, Place, Project, Reader, Span, rule
from deplint.model import Unreadable


class Toy:
    """The words of a file with their spans."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.words = []
        for number, line in enumerate(file.lines, 1):
            column = 1
            for word in line.split(" "):
                self.words.append((word, Span(number, column, number, column + len(word))))
                column += len(word) + 1

    @property
    def place(self) -> Place:
        return self.file.place

    def find(self, wanted: str) -> Iterator[Place]:
        return (Place(self.file.shown, span) for word, span in self.words if word == wanted)


def read(file: File) -> Toy:
    if "unreadable" in file.text:
        raise Unreadable("the word 'unreadable'")
    if "explode" in file.text:
        raise ZeroDivisionError("the reader exploded")
    return Toy(file)


READER = Reader("toy", ("*.toy",), "toy:read")


@rule("TOY001", severity="error", leaves=["M.2.6"], see=["https://example.org/colour"])
def no_color(file: Toy, *, limit: int = 100):
    """The word color is spelt colour.

    ```toy bad path=a.toy
    red color  # <- American
    ```

    ```toy fixed path=a.toy
    red colour
    ```

    ```toy good path=a.toy
    red colour
    ```
    """
    for place in list(file.find("color"))[:limit]:
        assert place.span
        fix = Fix("spell it colour", (Edit(place.path, place.span, "colour"),))
        yield Finding(place, "it is spelt colour", fix=fix, help="write colour")


@rule("TOY002", severity="warning", leaves=["M.2.1", "S.1.1"])
def no_gray(file: Toy):
    for place in file.find("gray"):
        assert place.span
        yield Finding(place, "it is spelt grey", fix=Fix("spell it grey", (Edit(place.path, place.span, "grey"),), safe=False))


@rule("TOY003", severity="info")
def lonely_word(file: Toy, project: Project):
    others = [toy for toy in project.all(Toy) if toy is not file]
    if not others:
        yield Finding(file, "this is the only file of words")


@rule("TOY004", severity="warning")
def crashes(file: Toy):
    for place in file.find("crash"):
        yield Finding(place, "first")
        raise RuntimeError("the rule crashed")


@rule("TOY005", severity="warning", opt_in=True)
def opted(file: Toy):
    yield from (Finding(place, "opted in") for place in file.find("opt"))


RULES = [no_color, no_gray, lonely_word, crashes, opted]
