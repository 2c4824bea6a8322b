"""A SavedModel whose assets are not there.

Vocabularies, label files and other files that the graph reads are in `assets/`. A table is filled from its file while
the model is loaded: ``.../assets/vocabulary.txt; No such file or directory``. A name may also lead out of the folder;
TensorFlow follows it, and reads a file of the computer that the model is loaded on.

```graph bad path=m/saved_model.pb line=1
model savedmodel tags=[serve]
metadata assets/vocabulary.txt="file is missing"
signature serving_default (words=words string[?]) -> (ids=ids int64[?])
graph main
  input words string[?]
  output ids
```

```graph bad path=other/saved_model.pb line=1
model savedmodel tags=[serve]
metadata "assets/../../../etc/passwd"="leaves the model's folder"
signature serving_default (words=words string[?]) -> (ids=ids int64[?])
graph main
  input words string[?]
  output ids
```

```graph good path=m/saved_model.pb
model savedmodel tags=[serve]
file m/assets/vocabulary.txt
signature serving_default (words=words string[?]) -> (ids=ids int64[?])
graph main
  input words string[?]
  output ids
```

References: run with TensorFlow 2.21 (`tests/claims/test_checkpoints.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule(
    "DPL479",
    severity="error",
    leaves=["S.4.2", "S.2.3"],
    see=["https://www.tensorflow.org/guide/saved_model#the_savedmodel_format_on_disk"],
)
def savedmodel_asset_missing(model: Model) -> Iterator[Finding]:
    problems = {name: text for name, text in model.metadata.items() if name.startswith("assets/") and "LFS" not in text}
    if model.format == "savedmodel" and problems:
        name, problem = next(iter(problems.items()))
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        yield Finding(
            model,
            f"the asset {name}{more}: {problem}; what reads it fails, a table already while the model is loaded"
            if "leaves" not in problem
            else f"the asset {name}{more} {problem}: whoever loads the model reads a file of their own",
            help="ship the folder assets/ with the model, as it was exported",
            count=len(problems),
        )
