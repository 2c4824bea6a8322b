"""Measure how well the verdicts agree with the real runtimes.

    python -m tools.agreement FOLDER... --target onnxruntime-cpu --target tflite --python tflite=TF_ENV/bin/python [--write]

Every model in the folders is judged and asked (`deplint.verify`, which keeps the answers). Printed are precision and recall of ``fails``,
and what disagrees; ``--write`` puts the figures into ``docs/accuracy.md``.
"""

from __future__ import annotations

import argparse
import fcntl
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from deplint.targets import asked
from deplint.targets.matrix import MAIN_FILES, subjects
from deplint.targets.verdict import Judgement, Verdict
from deplint.verify import Answer, Asking, default_cache

DOCUMENT = Path(__file__).parents[2] / "docs" / "accuracy.md"


@dataclass
class Agreement:
    """What came of one target on one corpus. `right` and the rest count models; a model nobody could ask is left out."""

    target: str
    corpus: str
    version: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    disagreements: list[tuple[str, Answer, Judgement]] = field(default_factory=list)

    def add(self, shown: str, answer: Answer, judgement: Judgement) -> None:
        if answer.works is None:
            self.counts["not asked"] += 1
            return
        self.version = answer.version
        self.counts["asked"] += 1
        self.counts["fail"] += not answer.works
        self.counts["unknown"] += judgement.verdict is Verdict.unknown
        said = judgement.verdict is Verdict.fails
        self.counts["said"] += said
        self.counts["right"] += said and not answer.works
        if said == answer.works and judgement.verdict is not Verdict.unknown:
            self.disagreements.append((shown, answer, judgement))

    @property
    def precision(self) -> float:
        return self.counts["right"] / max(self.counts["said"], 1)

    @property
    def recall(self) -> float:
        return self.counts["right"] / max(self.counts["fail"], 1)


def models(folders: Iterable[Path]) -> Iterator[Path]:
    """Model files, and the folders that are models; without the weights of OpenVINO's IR, which belong to the file beside them."""
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix == ".bin" and path.with_suffix(".xml").exists():
                continue
            if path.is_file() or any((path / name).is_file() for name in MAIN_FILES):
                yield path
            elif path.is_dir():
                yield from models([path])


def measure(folder: Path, targets: Iterable[str], asking: Asking) -> Iterator[Agreement]:
    named = [asked(name) for name in targets]
    agreements = {str(target): Agreement(str(target), folder.name) for target in named}
    for path in models([folder]):
        for subject in subjects([path]):
            for target in named:
                if subject.format in target.target.takes or subject.model is None:
                    answer = asking.ask(path, target.target.name)
                    exact = (
                        target if target.specifier or not answer.version else asked(f"{target.target.name}=={answer.version.split()[0]}")
                    )
                    agreements[str(target)].add(subject.shown, answer, exact.judge(subject))
    yield from agreements.values()


def shown(agreement: Agreement, most: int) -> Iterator[str]:
    counts = agreement.counts
    yield (
        f"{agreement.target} {agreement.version} on {agreement.corpus}: {counts['asked']} asked, {counts['fail']} fail, "
        f"precision {agreement.precision:.3f}, recall {agreement.recall:.3f}, {counts['unknown']} unknown, {counts['not asked']} not asked"
    )
    kinds: dict[str, list[str]] = defaultdict(list)
    for path, answer, judgement in agreement.disagreements:
        if answer.works:
            kinds[f"  works, but: {judgement.reasons[0].message}"].append(path)
        else:
            kinds[f"  fails with: {re.sub(r'/[^ ]*|0x[0-9a-f]+|[0-9]+', '#', answer.error)[:160]!r}"].append(path)
    for kind, paths in sorted(kinds.items(), key=lambda item: -len(item[1]))[:most]:
        yield f"{kind}  ({len(paths)}: {', '.join(Path(path).name for path in paths[:3])})"


HEADING = """# How far verdicts can be trusted

`deplint matrix` says `fails` without running anything. Here that is held against the real converters and runtimes, which `deplint verify`
asked about every model of a corpus. Precision: of the models that deplint says fail, how many do. Recall: of those that fail, how many
deplint names. Made by `python -m tools.agreement FOLDER... --target TARGET --write` from corpora that the scripts of `tools/agreement`
write. One corpus is not all models: these are figures for models like these.

| target | release | corpus | models | fail | precision | recall | unknown |
|---|---|---|---|---|---|---|---|
"""


def write(agreement: Agreement) -> None:
    """Put the figures into the page, in place of what it says of this target, release and corpus. Others may write at the same time."""
    counts = agreement.counts
    key = f"| {agreement.target.partition('=')[0]} | {agreement.version.split()[0]} | {CORPORA.get(agreement.corpus, agreement.corpus)} |"
    row = f"{key} {counts['asked']} | {counts['fail']} | {agreement.precision:.3f} | {agreement.recall:.3f} | {counts['unknown']} |"
    with open(DOCUMENT, "a+", encoding="utf-8") as page:
        fcntl.flock(page, fcntl.LOCK_EX)
        page.seek(0)
        rows = [line for line in page.read().splitlines() if line.startswith("| ") and not line.startswith(("| target", key))]
        page.truncate(0)
        page.write(HEADING + "\n".join(sorted([*rows, row])) + "\n")


CORPORA = {
    "onnx_node": "the test models of the onnx package, 1.23",
    "onnx_changed": "such models changed at random, seed 555",
    "onnx_changed_77": "such models changed at random, more ways, seed 77",
    "onnx_varied_77": "such models of other opsets and dtypes, seed 77",
    "ov_changed_833": "such models changed at random, more ways, seed 833",
    "ov_varied_833": "such models of other opsets and dtypes, seed 833",
    "ov_varied_866": "such models of other opsets and dtypes, seed 866",
    "ov_changed_855": "such models changed at random, more ways, seed 855",
    "ov_varied_855": "such models of other opsets and dtypes, seed 855",
    "ov_changed_844": "such models changed at random, more ways, seed 844",
    "ov_varied_844": "such models of other opsets and dtypes, seed 844",
    "ov_operators_822": "one operator each, of any schema, seed 822",
    "ov_operators_825": "one operator each, of any schema, seed 825",
    "ov_varied_877": "such models of other opsets and dtypes, seed 877",
    "ov_varied_899": "such models of other opsets and dtypes, seed 899",
    "ov_changed_888": "such models changed at random, more ways, seed 888",
    "ov_varied_911": "such models of other opsets and dtypes, seed 911 (read)",
    "ov_varied_912": "such models of other opsets and dtypes, seed 912",
    "ov_changed_911": "such models changed at random, more ways, seed 911",
    "onnx_networks_31": "networks exported, quantized, optimized, seed 31",
    "ov_tflite_922": "one operator each, seed 922",
    "ov_ir_942": "IR converted from the test models of the onnx package, most damaged, seed 942",
    "onnx_networks_21": "networks exported, quantized, optimized, seed 21",
    "tf_one": "one operator each, seed 1",
    "tf_b": "one operator each, seed 101",
    "tf_s301a": "one operator each, seed 301",
    "net_2u": "networks of TensorFlow and Keras, some damaged, seed 2",
    "net_1u": "networks of TensorFlow and Keras, some damaged, seed 1",
    "tfjs_e": "converted from one operator each, seed 301, some damaged",
    "net_2f": "networks of TensorFlow and Keras, some damaged, seed 2 (partly read)",
    "net_2g": "networks of TensorFlow and Keras, some damaged, seed 2, others",
    "tflite_real": "models that packages ship, some damaged",
    "tf_a": "Keras architectures",
    "tfjs_one": "converted from one operator each, seed 1, some damaged",
    "tfjs_b": "converted from one operator each, seed 101, some damaged",
    "tfjs_c": "converted from one operator each, seed 302, some damaged; tuned on",
    "tflite_b": "one operator each, seed 77",
    "torch_b": "modules of one operator and small networks, some damaged, seed 2",
    "torch_n11": "networks of PyTorch as people write them, some damaged, seed 11 (read)",
    "torch_n12s": "networks of PyTorch as people write them, some damaged, seed 12 (read)",
    "torch_n23": "networks of PyTorch as people write them, some damaged, seed 23 (read)",
    "torch_n24": "networks of PyTorch as people write them, some damaged, seed 24 (read)",
    "torch_n71": "networks of PyTorch as people write them, some damaged, seed 71 (read)",
    "torch_n72e": "networks of PyTorch as people write them, some damaged, seed 72, exported programs",
    "torch_n72": "networks of PyTorch as people write them, some damaged, seed 72",
    "net_71": "networks of TensorFlow and Keras, some damaged, seed 71 (read)",
    "tf_s371": "one operator of TensorFlow each, seed 371",
    "torch_n61": "networks of PyTorch as people write them, some damaged, seed 61",
    "torch_n61e": "networks of PyTorch as people write them, some damaged, seed 61, every second exported program",
    "tf_coreml_fresh": "one operator each and networks of TensorFlow, seed 302 and 2",
    "keras_a": "every layer of Keras 2 and 3, broken files, seed 1",
    "keras_b": "every layer of Keras 2 and 3, broken files, seed 7",
    "keras_c": "every layer of Keras 2 and 3, broken files, seed 21",
    "serving_s": "one operator each, seed 302, some changed, seed 9",
    "tf_s302": "one operator each, seed 302",
}
"""What the folders that were measured hold, for the page."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--target", action="append", required=True)
    parser.add_argument("--python", action="append", default=[], metavar="TARGET=PYTHON")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/accuracy.md")
    parser.add_argument("--most", type=int, default=20, help="kinds of disagreement to print")
    args = parser.parse_args()
    pythons = dict(text.split("=", 1) for text in args.python)
    with Asking(pythons, default_cache()) as asking:
        for folder in args.folders:
            for agreement in measure(folder, args.target, asking):
                print("\n".join(shown(agreement, args.most)), flush=True)
                if args.write and agreement.counts["asked"]:
                    write(agreement)


if __name__ == "__main__":
    main()
