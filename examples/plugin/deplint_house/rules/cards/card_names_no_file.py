"""A model card for a file that is not there.

Whoever deploys the model reads the card first. One that names a file under its old name sends them looking.

```text bad path=models/net.card
name: digits
file: digits_v1.onnx  # <-
```

```text good path=models/net.card
name: digits
file: digits.onnx
```
```text + path=models/digits.onnx
(the model itself)
```

A card without a file is about several models, and is left alone.

```text good path=models/all.card
name: digits
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule

from deplint_house.cards import ModelCard


@rule("HOUSE001", severity="warning")
def card_names_no_file(card: ModelCard, project: Project) -> Iterator[Finding]:
    named = card.entries.get("file")
    if named and project.resolve(named, near=card) is None:
        yield Finding(card.places["file"], f"there is no file {named}", help="name the model as it is called now")
