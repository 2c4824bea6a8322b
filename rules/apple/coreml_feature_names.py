"""Names of features that the Core ML model does not have.

Xcode makes a class from the model, whose `prediction` takes the model's inputs by name and whose result has its outputs as
properties; converted again with other names, the model breaks the build (``incorrect argument label in call``). Names in
strings break at run time: a dictionary without an input ends in ``Feature image is required but not specified``, and
`featureValue(for:)` of an unknown name gives nil.

```swift bad path=App/Judge.swift
import CoreML

final class Judge {
    let leaves = try! Leaves(configuration: MLModelConfiguration())

    func judge(_ buffer: CVPixelBuffer) throws -> String {
        let result = try leaves.prediction(input_1: buffer)  // <-
        return result.classLabel
    }

    func raw(_ buffer: CVPixelBuffer) throws -> MLMultiArray? {
        let given = try MLDictionaryFeatureProvider(dictionary: ["photo": MLFeatureValue(pixelBuffer: buffer)])
        let result = try leaves.model.prediction(from: given)  // <-
        return result.featureValue(for: "Identity")?.multiArrayValue  // <-
    }
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (classLabel string[] traits(predicted=true), odds map)
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

```swift good path=App/Judge.swift
import CoreML

final class Judge {
    let leaves = try! Leaves(configuration: MLModelConfiguration())
    let other: MLModel

    func judge(_ buffer: CVPixelBuffer, options: MLPredictionOptions, name: String) throws -> String? {
        let result = try leaves.prediction(image: buffer)
        print(result.odds, result.featureNames)
        let input = try LeavesInput(imageAt: URL(fileURLWithPath: name))
        let again = try leaves.prediction(input: input, options: options)
        print(try other.prediction(from: MLDictionaryFeatureProvider(dictionary: ["photo": 1])).featureValue(for: "Identity"))
        return again.featureValue(for: "classLabel")?.stringValue ?? again.featureValue(for: name)?.stringValue
    }
}
```

```graph + path=App/Leaves.mlmodel
model coreml ir=4 tags=[neuralNetworkClassifier]
signature main (image image[224,224]) -> (classLabel string[] traits(predicted=true), odds map)
graph main
  input image image[224,224]
  op softmaxND (image) -> (odds)
  output odds
```

References: https://developer.apple.com/documentation/coreml/integrating-a-core-ml-model-into-your-app;
https://developer.apple.com/documentation/coreml/mlfeatureprovider.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deplint import Finding, Model, Project, rule
from deplint.apps.apple import PREDICTS, class_name, features, given, identifier, model_of, predictions
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Member, Node

SUFFIXES = ("With", "At", "ShapedArray")
"""What the generated code appends to the names of images and arrays, for other ways to give them."""

GENERATED = {"featureNames", "provider", "featureValue", "description", "hash"}
"""What the generated class for outputs has besides."""


@rule(
    "DPL755",
    severity="error",
    leaves=["M.4.4", "M.6.4"],
    see=[
        "https://developer.apple.com/documentation/coreml/integrating-a-core-ml-model-into-your-app",
        "https://developer.apple.com/documentation/coreml/mlfeatureprovider",
    ],
)
def coreml_feature_names(file: SourceFile, project: Project) -> Iterator[Finding]:
    for call, model in predictions(file, project):
        if _misfit(call, model):
            strings = _keys(call)
            yield Finding(
                call,
                f"{model.path} has the inputs {_listed(features(model))}, and this gives {_listed(given(call, model))}: "
                + ("the prediction fails" if strings else "the class Xcode makes of it has no such method"),
                help="give the inputs by the names the model has, or convert it with those names",
            )
    if not file.mentions(PREDICTS):
        return
    for call in file.calls("**.prediction().featureValue"):
        name = call.argument("for")
        if name is not None and isinstance(name.value, str):
            yield from _asked(call, call.receiver, name.value, project)
    for member in file.attributes("**.prediction().*"):
        if member.attribute not in GENERATED:
            yield from _asked(member, member.object, member.attribute, project)


def _keys(call: Call) -> bool:
    """The names are strings, and not part of the code."""
    first = call.arguments[0] if call.arguments else None
    made = first.value.origin if first is not None and first.label == "from" else None
    return made is not None and made.name == "MLDictionaryFeatureProvider"


def _misfit(call: Call, model: Model) -> bool:
    """Whether what a prediction is given lacks an input; code also cannot name others."""
    inputs, strings, written = features(model), _keys(call), given(call, model)
    if not inputs or not written:
        return False
    wanted = set(inputs) if strings else {identifier(name) for name in inputs}
    has = {next((name.removesuffix(end) for end in SUFFIXES if name.removesuffix(end) in wanted), name) for name in written}
    required = {name if strings else identifier(name) for name, tensor in inputs.items() if not tensor.traits.get("optional")}
    return bool(required - has) or (not strings and bool(has - wanted))


def _asked(at: Call | Member, of: Node | None, name: str, project: Project) -> Iterator[Finding]:
    """What is said of an output that is asked for by a name."""
    made = of.origin if of is not None else None
    model = model_of(made.receiver, project) if made is not None and made.receiver is not None else None
    outputs = features(model, outputs=True) if model is not None else {}
    known = set(outputs) | {identifier(each) for each in outputs if isinstance(at, Member)}
    if model is not None and outputs and name not in known and name.removesuffix("ShapedArray") not in known:
        lost = f"{class_name(model)}Output has no such property" if isinstance(at, Member) else "there is no such value"
        yield Finding(
            at,
            f"{model.path} has the outputs {_listed(outputs)}, and this asks for {name}: {lost}",
            help="ask for the outputs by the names the model has",
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
