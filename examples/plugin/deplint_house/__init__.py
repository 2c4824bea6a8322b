"""House rules about model cards: an example of a deplint plugin.

The entry point `house = deplint_house` of the group `deplint` (setup.cfg) names this module; its hooks say what it adds.
"""

from __future__ import annotations

from deplint import Reader, hookimpl


@hookimpl
def deplint_rules() -> list[str]:
    return ["deplint_house.rules"]  # a package: every rule in every module below it


@hookimpl
def deplint_readers() -> list[Reader]:
    return [Reader("model card", ("*.card",), "deplint_house.cards:read")]


@hookimpl
def deplint_reporters() -> dict[str, str]:
    return {"csv": "deplint_house.csv_report:render"}
