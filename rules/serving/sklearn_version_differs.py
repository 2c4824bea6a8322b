"""A scikit-learn model saved with another release than the project pins.

scikit-learn pickles its objects as they are inside, and changes them from release to release without converting old ones. Loading one
of another release warns (``InconsistentVersionWarning: Trying to unpickle estimator ... from version 1.4.2 when using version 1.2.2. This
might lead to breaking code or invalid results``), and then fails on a missing attribute, or predicts something else. The model notes its
release.

```graph bad path=model.pkl versions=scikit-learn==1.2.2 line=1
model sklearn producer=scikit-learn version="1.4.2"
layer "" LogisticRegression module=sklearn.linear_model._logistic
```

```graph good path=model.pkl versions=scikit-learn==1.4.0
model sklearn producer=scikit-learn version="1.4.2"
layer "" LogisticRegression module=sklearn.linear_model._logistic
```

A lower bound admits the release of the model.

```graph good path=model.pkl versions=scikit-learn>=1.2
model sklearn producer=scikit-learn version="1.4.2"
layer "" LogisticRegression module=sklearn.linear_model._logistic
```

Without a pin there is nothing to compare.

```graph good path=model.pkl
model sklearn producer=scikit-learn version="1.4.2"
layer "" LogisticRegression module=sklearn.linear_model._logistic
```

References: the page on model persistence in scikit-learn's documentation; that loading warns was checked (`tests/claims/test_pickles.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule


@rule(
    "DPL520",
    severity="warning",
    leaves=["S.3.2", "S.4.2"],
    see=["https://scikit-learn.org/stable/model_persistence.html#security-maintainability-limitations"],
)
def sklearn_version_differs(model: Model, project: Project) -> Iterator[Finding]:
    release = re.match(r"(\d+)\.(\d+)", model.producer_version)
    if model.format != "sklearn" or release is None:
        return
    since, until = f"{release[1]}.{release[2]}", f"{release[1]}.{int(release[2]) + 1}"
    if project.versions.allows("scikit-learn", model, since=since, until=until) is not False:
        return
    pin = next(iter(project.versions.all("scikit-learn", model)), None)
    if pin is not None:
        where = f" ({pin.place.path})" if pin.place.path else ""
        yield Finding(
            model,
            f"the model was saved with scikit-learn {model.producer_version}; the project pins {pin.name}{pin.specifier}{where}: "
            "loading it may fail, or predict something else",
            help=f"pin scikit-learn=={model.producer_version}, or train and save the model with the release that serves it",
        )
