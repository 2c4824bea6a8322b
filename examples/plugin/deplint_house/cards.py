"""Model cards: lines of `key: value` in a `.card` file."""

from __future__ import annotations

from deplint import File, Place, Span
from deplint.model import Unreadable


class ModelCard:
    """The entries of a card, and where each of them stands."""

    def __init__(self, file: File) -> None:
        self.place = file.place
        self.entries: dict[str, str] = {}
        self.places: dict[str, Place] = {}
        for number, line in enumerate(file.lines, 1):
            if not line.strip() or line.startswith("#"):
                continue
            key, colon, value = line.partition(":")
            if not colon:
                raise Unreadable(f"line {number} is not of the form `key: value`")
            self.entries[key.strip()] = value.partition(" #")[0].strip()
            self.places[key.strip()] = Place(file.shown, Span(number, 1, number, len(line) + 1))


def read(file: File) -> ModelCard:
    return ModelCard(file)
