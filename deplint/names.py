"""The words people use for rules: ids, names, categories, leaves of the taxonomy.

Id and name are interchangeable everywhere. A word nobody knows is an error that says what was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterable

from deplint.declare import Rule
from deplint.own import CATEGORY, OWN


class Unknown(Exception):
    """A word names no rule, category or leaf. The message says so, with the nearest word that does."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` for the nearest known word, or nothing."""
    import difflib

    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


class Names:
    """Looks up what words mean, over `rules` and deplint's own findings."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = {rule.id: rule for rule in rules}
        self._one = {own.name: id for id, own in OWN.items()} | {id: id for id in OWN}
        self._many: dict[str, set[str]] = {"all": set(self.rules), CATEGORY: set(OWN)}
        for rule in self.rules.values():
            self._one[rule.id] = self._one[rule.name] = rule.id
            self._many.setdefault(rule.category, set()).add(rule.id)
            for leaf in rule.leaves:
                parts = leaf.split(".")
                for size in range(1, len(parts) + 1):
                    self._many.setdefault(".".join(parts[:size]), set()).add(rule.id)

    def one(self, word: str) -> str:
        """The id of the rule with that id or name.

        Raises:
            Unknown: there is none.
        """
        found = self._one.get(word) or self._one.get(word.upper())
        if not found:
            raise Unknown(f"no rule is called {word!r}{did_you_mean(word, self._one)}")
        return found

    def many(self, word: str) -> set[str]:
        """The ids that an id, a name, a category, a leaf (or part of one: ``M.2``) or ``all`` means.

        Raises:
            Unknown: it means none.
        """
        if word in self._many:
            return self._many[word]
        try:
            return {self.one(word)}
        except Unknown:
            hint = did_you_mean(word, [*self._one, *self._many])
            raise Unknown(f"no rule, category or leaf is called {word!r}{hint}") from None

    def choose(self, select: Iterable[str] | None, ignore: Iterable[str] = ()) -> list[Rule]:
        """The rules to run: those selected (None: all that are not opt-in) without those ignored, by id. Opt-in rules are
        selected by their id or name only.

        Raises:
            Unknown: a word means nothing.
        """
        if select is None:
            chosen = {rule.id for rule in self.rules.values() if not rule.opt_in}
        else:
            chosen = set()
            for word in select:
                ids = self.many(word)
                chosen |= {i for i in ids if i in self.rules and (word not in self._many or not self.rules[i].opt_in)}
        for word in ignore:
            chosen -= self.many(word)
        return [self.rules[i] for i in sorted(chosen)]
