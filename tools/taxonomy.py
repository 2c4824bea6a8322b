"""Makes deplint/data/taxonomy.json from the table of the study behind the taxonomy: `python -m tools.taxonomy taxonomy.csv`.

The leaves and their numbers of posts are from the labels its authors published (github.com/chenzhenpeng18/fse2020); what a linter can
and cannot see of a leaf is ours.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

OUT = Path(__file__).parents[1] / "deplint" / "data" / "taxonomy.json"

UNSEEN = {
    "S.1.1": "the question is how to do the whole thing; only a pipeline left half-finished leaves traces in code and images",
    "S.1.2": "people ask how things work; nothing in a project is wrong yet",
    "S.1.3": "most limits of a platform do not show in a repository; a few do, such as a pointer in place of a large file",
    "S.2.5": "what was quantized is visible, what it gains on the server is not",
    "S.4.1": "which signature answers which URL is visible only where server and client are in one project",
    "S.4.5": "the wish for streaming shows in no file; unsuitable configurations do",
    "S.4.6": "an open endpoint or a secret in a file is visible; the gateway in front of it usually is not",
    "S.5.3": "what one request should hold is the author's intent; loops over single requests and fixed sizes are visible",
    "S.5.4": "addresses and probes can be checked; what the server has loaded when it is asked cannot",
    "S.6.1": "where data should be processed is a design question; processing that was never exported is visible",
    "S.6.4": "names and sizes of outputs can be compared; what their numbers mean cannot",
    "S.6.5": "training and serving code can be compared where both are in one project",
    "S.7": "paths and polling options are visible; what happens while versions change is not",
    "M.1.1": "the question is how to do the whole thing; dead technology and half-finished integrations are visible",
    "M.1.2": "people ask how things work; nothing in a project is wrong yet",
    "M.1.3": "that a framework computes something else shows only when both models run",
    "M.2.7": "the question is how to read a model; `deplint inspect` answers it, and a broken file is found",
    "M.3.1": "the steps of a build are run by hand; only scripts that are kept can be checked",
    "M.4.1": "the question is how to begin; there is little yet that could be wrong",
    "M.4.5": "on which thread code runs is rarely certain from its text",
    "M.5": "camera and sensor code can only be compared with known patterns",
    "M.6.1": "the order of processing is the author's; counts of channels can be compared with the model",
    "M.6.4": "sizes and types of outputs can be compared with the model; what they mean cannot",
    "M.6.5": "training and app code can be compared where both are in one project",
    "M.7": "options and the shape of the graph are visible; speed is measured on the device",
    "M.8": "how an app gets its next model is decided outside the repository for the most part",
    "M.9": "whether a model is a secret only its owner knows; how it is shipped is visible",
    "B.1.1": "the question is how to do the whole thing; a wrong kind of model file is visible",
    "B.1.2": "known restrictions can be looked up by operator; unknown ones cannot",
    "B.4.4": "addresses in the code are visible, and what a server answers with where its configuration is in the project; others are not",
    "B.4.6": "sizes of files are visible; how long they take to load is not",
    "B.5": "camera and page code can only be compared with known patterns",
    "B.6.1": "the order of events in a page is known only when it runs",
    "B.6.5": "training and page code can be compared where both are in one project",
    "B.7": "blocking calls and leaks follow patterns; speed is measured in the browser",
    "B.8": "stores of the browser and headers of a configured server are visible; caches outside of the repository are not",
    "B.9": "that a model can be downloaded is certain; whether it may be only its owner knows",
}
"""For leaves a linter sees in part or not at all: what it is that it cannot see."""


def main(table: Path) -> None:
    with table.open(encoding="utf-8", newline="") as stream:
        leaves = [
            {
                "id": row["id"],
                "platform": row["platform"],
                "category": row["inner"],
                "leaf": "" if row["leaf"] == "(no leaves)" else row["leaf"],
                "posts": int(row["posts"]),
                "checkable": row["statically_checkable"],
                "unseen": UNSEEN.get(row["id"], ""),
            }
            for row in csv.DictReader(stream)
        ]
    for leaf in leaves:
        if bool(leaf["unseen"]) is (leaf["checkable"] == "yes"):
            raise SystemExit(f"{leaf['id']}: say what cannot be seen of it exactly where it is not fully checkable")
    data = {
        "source": "Chen et al., A Comprehensive Study on Challenges in Deploying Deep Learning Based Software, ESEC/FSE 2020; "
        "labels of github.com/chenzhenpeng18/fse2020",
        "leaves": leaves,
    }
    OUT.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
