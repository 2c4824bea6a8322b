"""Writes tests/data/models/coreml/: small models made by coremltools, and what it says of each itself.

    python tests/data/models/build_coreml.py                # needs coremltools
    python tests/data/models/build_coreml.py ct7_           # an older coremltools (7.2, 6.3): what it writes gets this prefix
    python tests/data/models/build_coreml.py --truth        # needs coremltools 9: of every file there is

`NAME.mlmodel` or `NAME.mlpackage` is the model; `NAME.json` its description, layers or operators, values and weights as told by
coremltools' protobuf classes and its reader of weight files, not by deplint.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import coremltools as ct
import numpy as np
from coremltools import proto
from coremltools.converters.mil import Builder as mb
from coremltools.converters.mil.mil import types
from coremltools.models import datatypes
from coremltools.models.neural_network import NeuralNetworkBuilder, flexible_shape_utils, quantization_utils

HERE = Path(__file__).parent / "coreml"
VERSION = int(ct.__version__.split(".")[0])
RANDOM = np.random.default_rng(5)

MODELS: list[Callable[[], dict[str, Any]]] = []


def normal(*shape: int) -> Any:
    return RANDOM.normal(size=shape).astype(np.float32)


def model(make: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    MODELS.append(make)
    return make


# Networks


def classifier() -> Any:
    """A picture in, a label and probabilities out."""
    builder = NeuralNetworkBuilder(
        [("photo", datatypes.Array(3, 16, 16))], [("probability", None)], mode="classifier", disable_rank5_shape_mapping=False
    )
    builder.add_convolution(
        "stem", 3, 8, 3, 3, 2, 2, "same", 1, normal(3, 3, 3, 8), normal(8), has_bias=True, input_name="photo", output_name="stem_out"
    )
    builder.add_activation("prelu", "PRELU", "stem_out", "prelu_out", params=normal(8))
    builder.add_batchnorm("norm", 8, normal(8), normal(8), normal(8), np.abs(normal(8)), input_name="prelu_out", output_name="norm_out")
    builder.add_convolution(
        "up", 8, 4, 2, 2, 2, 2, "valid", 2, normal(2, 2, 8, 2), None, False, True, input_name="norm_out", output_name="up_out"
    )
    builder.add_pooling("pool", 0, 0, 1, 1, "AVERAGE", "VALID", "up_out", "pool_out", is_global=True)
    builder.add_flatten("flat", 0, "pool_out", "flat_out")
    builder.add_inner_product("head", normal(3, 4), normal(3), 4, 3, True, "flat_out", "head_out")
    builder.add_softmax("soft", "head_out", "probability")
    builder.set_class_labels(["apple", "pear", "größe"], predicted_feature_name="label", prediction_blob="probability")
    builder.set_pre_processing_parameters(["photo"], is_bgr=True, red_bias=-1.0, green_bias=-0.5, image_scale=1 / 127.5)
    spec = builder.spec
    spec.description.metadata.author = "nobody"
    spec.description.metadata.shortDescription = 'a "small" network'
    spec.description.metadata.userDefined["purpose"] = "tests"
    return spec


@model
def networks() -> dict[str, Any]:
    made = {"classifier": classifier()}
    for bits, mode, name in ((16, "linear", "half"), (8, "linear", "linear8"), (4, "linear_lut", "table4"), (3, "linear", "linear3")):
        loaded = ct.models.MLModel(classifier(), skip_model_load=True)
        made[f"classifier_{name}"] = quantization_utils.quantize_weights(loaded, bits, mode)
    return made


@model
def layers() -> dict[str, Any]:
    """Recurrent layers, control flow, constants, a custom layer; flexible shapes."""
    builder = NeuralNetworkBuilder(
        [("series", datatypes.Array(5, 4)), ("flag", datatypes.Array(1))],
        [("result", None), ("last", None)],
        disable_rank5_shape_mapping=True,
    )
    square = [normal(6, 6) for _ in range(4)], [normal(6, 4) for _ in range(4)], [normal(6) for _ in range(4)]
    builder.add_expand_dims("wide", "series", "wide_out", [1, 3, 4])
    builder.add_unilstm("lstm", *square, 6, 4, ["wide_out"], ["lstm_out", "h", "c"], output_all=True)
    builder.add_gru("gru", *(each[:3] for each in square), 6, 4, ["wide_out"], ["gru_out", "gh"], output_all=True)
    builder.add_add_broadcastable("sum", ["lstm_out", "gru_out"], "sum_out")
    builder.add_load_constant_nd("table", "table_out", normal(5, 1, 6, 1, 1), [5, 1, 6, 1, 1])
    builder.add_multiply_broadcastable("scaled", ["sum_out", "table_out"], "scaled_out")
    branch = builder.add_branch("choose", "flag", if_branch=None, else_branch=None)
    other = NeuralNetworkBuilder(input_features=None, output_features=None, spec=None, nn_spec=branch.branch.ifBranch)
    other.add_activation("then", "RELU", "scaled_out", "chosen")
    other = NeuralNetworkBuilder(input_features=None, output_features=None, spec=None, nn_spec=branch.branch.elseBranch)
    other.add_unary("otherwise", "scaled_out", "chosen", "exp", alpha=0.5, scale=2.0)
    loop = builder.add_loop("again", max_iterations=3)
    body = NeuralNetworkBuilder(input_features=None, output_features=None, spec=None, nn_spec=loop.loop.bodyNetwork)
    body.add_bias("more", normal(1), "chosen", "grown", [1])
    body.add_copy("back", "grown", "chosen")
    builder.add_reshape_static("shape", "chosen", "shape_out", [5, 6])
    custom = proto.NeuralNetwork_pb2.CustomLayerParams()
    custom.className = "Swirl"
    custom.description = "turns things round"
    custom.parameters["angle"].doubleValue = 0.25
    custom.parameters["name"].stringValue = "left"
    custom.parameters["deep"].boolValue = True
    for size in (3, 2):
        custom.weights.add().floatValue.extend(float(value) for value in normal(size))
    builder.add_custom("swirl", ["shape_out"], ["result"], custom)
    builder.add_slice_static("end", "shape_out", "last", [-1, 0], [2**31 - 1, 6], [1, 1], [False, True], [True, True])
    spec = builder.spec
    made = {"layers": spec}
    flexible = NeuralNetworkBuilder(
        [("x", datatypes.Array(3, 32, 32)), ("y", datatypes.Array(3, 8, 8))], [("out", None), ("out2", None)], use_float_arraytype=True
    )
    flexible.add_activation("relu", "LEAKYRELU", "x", "out", params=[0.1])
    flexible.add_elementwise("clip", ["y"], "out2", "MULTIPLY", alpha=2.0)
    spec = flexible.spec
    flexible_shape_utils.add_multiarray_ndshape_enumeration(spec, "y", [(3, 8, 16), (3, 16, 8)])
    ct.models.utils.rename_feature(spec, "x", "photo")
    builder = NeuralNetworkBuilder(spec=spec)
    builder.set_pre_processing_parameters(["photo"], is_bgr=False, gray_bias=0.0)
    ranges = flexible_shape_utils.NeuralNetworkImageSizeRange(height_range=(16, 64), width_range=(32, -1))
    flexible_shape_utils.update_image_size_range(spec, "photo", ranges)
    spec.description.input[1].type.isOptional = True
    return made | {"flexible": spec}


@model
def updatable() -> dict[str, Any]:
    builder = NeuralNetworkBuilder(
        [("x", datatypes.Array(4))], [("out", datatypes.Array(2))], disable_rank5_shape_mapping=True, use_float_arraytype=True
    )
    builder.add_inner_product("dense", normal(2, 4), normal(2), 4, 2, True, "x", "z")
    builder.add_softmax("soft", "z", "out")
    builder.make_updatable(["dense"])
    builder.set_categorical_cross_entropy_loss("loss", "out")
    builder.set_sgd_optimizer(ct.models.neural_network.SgdParams(lr=0.1, batch=2))
    builder.set_epochs(3)
    return {"updatable": builder.spec}


# Other kinds


def described(inputs: list[tuple[str, Any]], outputs: list[tuple[str, Any]], version: int = 4) -> Any:
    spec = proto.Model_pb2.Model()
    spec.specificationVersion = version
    for features, kinds in ((spec.description.input, inputs), (spec.description.output, outputs)):
        for name, kind in kinds:
            feature = features.add()
            feature.name = name
            datatypes_to_proto(feature.type, kind)
    return spec


def datatypes_to_proto(target: Any, kind: Any) -> None:
    datatypes._set_datatype(target, kind)


def trees() -> Any:
    from coremltools.models.tree_ensemble import TreeEnsembleClassifier

    trees = TreeEnsembleClassifier([("a", datatypes.Double()), ("b", datatypes.Double())], ["no", "yes"], ["label", "odds"])
    trees.set_default_prediction_value([0.0, 0.0])
    for tree in range(3):
        trees.add_branch_node(tree, 0, tree % 2, 0.5 + tree, "BranchOnValueLessThanEqual", 1, 2)
        trees.add_leaf_node(tree, 1, {0: 1.0})
        trees.add_leaf_node(tree, 2, {1: 2.5})
    return trees.spec


@model
def others() -> dict[str, Any]:
    from coremltools.models.tree_ensemble import TreeEnsembleRegressor

    made: dict[str, Any] = {"trees": trees()}
    forest = TreeEnsembleRegressor([("x", datatypes.Array(2))], ["value"])
    forest.set_default_prediction_value(1.5)
    forest.add_branch_node(0, 0, 1, 0.25, "BranchOnValueGreaterThan", 1, 2)
    forest.add_leaf_node(0, 1, 1.0)
    forest.add_leaf_node(0, 2, -1.0)
    made["forest"] = forest.spec
    double, text, array = datatypes.Double(), datatypes.String(), datatypes.Array(3)
    spec = made["glm"] = described([("x", array)], [("value", double)])
    spec.description.predictedFeatureName = "value"
    spec.glmRegressor.weights.add().value.extend([0.5, -1.0, 2.25])
    spec.glmRegressor.offset.append(0.125)
    spec.glmRegressor.postEvaluationTransform = 1
    spec = made["glm_classifier"] = described([("x", array)], [("label", datatypes.Int64()), ("odds", datatypes.Dictionary(int))])
    spec.description.predictedFeatureName, spec.description.predictedProbabilitiesName = "label", "odds"
    for _ in range(2):
        spec.glmClassifier.weights.add().value.extend(map(float, normal(3)))
    spec.glmClassifier.offset.extend([0.1, 0.2])
    spec.glmClassifier.classEncoding = 1
    spec.glmClassifier.int64ClassLabels.vector.extend([3, -5])
    spec = made["svm"] = described([("x", array)], [("label", text)])
    spec.description.predictedFeatureName = "label"
    machine = spec.supportVectorClassifier
    machine.kernel.rbfKernel.gamma = 0.5
    machine.numberOfSupportVectorsPerClass.extend([1, 2])
    for _ in range(3):
        machine.denseSupportVectors.vectors.add().values.extend(map(float, normal(3)))
    machine.coefficients.add().alpha.extend([1.0, -0.5, -0.5])
    machine.rho.append(0.75)
    machine.stringClassLabels.vector.extend(["small", "large"])
    spec = made["neighbours"] = described([("x", array)], [("label", text)])
    spec.isUpdatable = True
    index = spec.kNearestNeighborsClassifier.nearestNeighborsIndex
    index.numberOfDimensions = 3
    for _ in range(2):
        index.floatSamples.add().vector.extend(map(float, normal(3)))
    index.singleKdTreeIndex.leafSize = 30
    index.squaredEuclideanDistance.SetInParent()
    spec.kNearestNeighborsClassifier.numberOfNeighbors.defaultValue = 3
    spec.kNearestNeighborsClassifier.stringClassLabels.vector.extend(["a", "b"])
    spec.kNearestNeighborsClassifier.uniformWeighting.SetInParent()
    spec.description.predictedFeatureName = "label"
    spec.description.trainingInput.add().CopyFrom(spec.description.input[0])
    spec = made["custom"] = described([("x", array)], [("y", array)], 3)
    spec.customModel.className = "Oracle"
    spec.customModel.parameters["depth"].intValue = -7
    spec.customModel.parameters["blob"].bytesValue = b"\0\1\xff"
    spec.customModel.parameters["gain"].doubleValue = 0.5
    spec = made["linked"] = described([("x", array)], [("y", array)])
    spec.linkedModel.linkedModelFile.linkedModelFileName.defaultValue = "Other.mlmodelc"
    spec.linkedModel.linkedModelFile.linkedModelSearchPath.defaultValue = "/Users/somebody/models"
    spec = made["print"] = described([("image", array)], [("features", datatypes.Array(2048))])
    image = spec.description.input[0].type.imageType
    image.width, image.height, image.colorSpace = 299, 299, 20
    spec.visionFeaturePrint.scene.version = 1
    spec = made["sound"] = described([("samples", datatypes.Array(15600))], [("out", datatypes.Array(1, 96, 64))])
    spec.soundAnalysisPreprocessing.vggish.SetInParent()
    spec = made["text"] = described([("text", text)], [("label", text)])
    spec.textClassifier.revision, spec.textClassifier.language = 1, "en"
    spec.textClassifier.modelParameterData = bytes(range(256)) * 65
    spec.textClassifier.stringClassLabels.vector.extend(["good", "bad"])
    spec.description.predictedFeatureName = "label"
    spec = made["similar"] = described([("items", datatypes.Dictionary(int))], [("best", text), ("scores", datatypes.Dictionary(str))])
    for number in range(3):
        item = spec.itemSimilarityRecommender.itemItemSimilarities.add()
        item.itemId = number
        item.similarItemList.add().itemId = (number + 1) % 3
    spec.itemSimilarityRecommender.itemStringIds.vector.extend(["tea", "milk", "jam"])
    spec.itemSimilarityRecommender.itemInputFeatureName = "items"
    sequence = spec.description.output[0].type.sequenceType
    sequence.stringType.SetInParent()
    sequence.sizeRange.lowerBound, sequence.sizeRange.upperBound = 1, -1
    spec = made["vectorizer"] = described([("words", datatypes.Dictionary(str))], [("x", datatypes.Array(2))])
    spec.dictVectorizer.stringToIndex.vector.extend(["one", "two"])
    spec = made["mapping"] = described([("word", text)], [("number", datatypes.Int64())])
    spec.categoricalMapping.stringToInt64Map.map["one"] = 1
    spec.categoricalMapping.stringToInt64Map.map["two"] = -2
    spec.categoricalMapping.int64Value = -1
    return made


@model
def pipelines() -> dict[str, Any]:
    from coremltools.models.pipeline import Pipeline, PipelineClassifier

    scaler = described([("x", datatypes.Array(2))], [("scaled", datatypes.Array(2))])
    scaler.scaler.scaleValue.extend([0.5, 2.0])
    scaler.scaler.shiftValue.append(1.0)
    tail = trees()
    tail.description.ClearField("input")
    datatypes_to_proto(tail.description.input.add(name="scaled").type, datatypes.Array(2))
    chain = PipelineClassifier(
        [("x", datatypes.Array(2))], ["no", "yes"], [("label", datatypes.String()), ("odds", datatypes.Dictionary(str))]
    )
    chain.add_model(scaler)
    chain.add_model(tail)
    boxes = NeuralNetworkBuilder(
        [("photo", datatypes.Array(3, 8, 8))], [("raw_confidence", None), ("raw_coordinates", None)], disable_rank5_shape_mapping=True
    )
    boxes.add_reshape_static("c", "photo", "raw_confidence", [48, 4])
    boxes.add_reshape_static("b", "photo", "raw_coordinates", [48, 4])
    for output in boxes.spec.description.output:
        datatypes_to_proto(output.type, datatypes.Array(48, 4))
    features = [(name, datatypes.Array(48, 4)) for name in ("raw_confidence", "raw_coordinates", "confidence", "coordinates")]
    suppression = described(features[:2], features[2:])
    maximum = suppression.nonMaximumSuppression
    maximum.confidenceInputFeatureName, maximum.coordinatesInputFeatureName = "raw_confidence", "raw_coordinates"
    maximum.confidenceOutputFeatureName, maximum.coordinatesOutputFeatureName = "confidence", "coordinates"
    maximum.iouThreshold, maximum.confidenceThreshold = 0.6, 0.4
    maximum.stringClassLabels.vector.extend(["cat", "dog", "bird", "fish"])
    maximum.pickTop.perClass = True
    detector = Pipeline([("photo", datatypes.Array(3, 8, 8))], features[2:])
    detector.add_model(boxes.spec)
    detector.add_model(suppression)
    detector.spec.pipeline.names.extend(["network", "suppression"])
    return {"pipeline": chain.spec, "detector": detector.spec}


# Programs


def convolutions(version: Any = None) -> Any:
    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 3, 12, 12)), mb.TensorSpec(shape=(1, 4))], opset_version=version)
    def net(image: Any, extra: Any) -> Any:
        h = mb.conv(x=image, weight=normal(8, 3, 3, 3), bias=normal(8), strides=[2, 2], pad_type="custom", pad=[1, 1, 1, 1], name="stem")
        h = mb.batch_norm(x=h, mean=normal(8), variance=np.abs(normal(8)), gamma=normal(8), beta=normal(8), name="norm")
        h = mb.relu(x=h, name="active")
        a, b = mb.split(x=h, num_splits=2, axis=1, name="halves")
        h = mb.concat(values=(b, a, b), axis=1, name="joined")
        h = mb.reduce_mean(x=h, axes=[2, 3], name="mean")
        h = mb.linear(x=h, weight=normal(4, 12), bias=normal(4), name="head")
        h = mb.add(x=h, y=extra, name="sum")
        return mb.softmax(x=h, axis=-1, name="probability")

    return net


def control_flow() -> Any:
    @mb.program(input_specs=[mb.TensorSpec(shape=(2, 3)), mb.TensorSpec(shape=(1,), dtype=types.int32)], opset_version=ct.target.iOS15)
    def net(x: Any, steps: Any) -> Any:
        table = mb.const(val=normal(2, 3, 40), name="table")
        first = mb.squeeze(x=steps, name="first")
        big = mb.greater(x=first, y=2, name="big")

        def deeper() -> Any:
            return mb.cond(
                pred=mb.less(x=first, y=9, name="small"),
                _true_fn=lambda: mb.reduce_sum(x=mb.mul(x=table, y=0.5), axes=[2], name="halved"),
                _false_fn=lambda: mb.add(x=x, y=np.float32(1.0), name="plus"),
                name="inner",
            )

        chosen = mb.cond(pred=big, _true_fn=deeper, _false_fn=lambda: mb.identity(x=x, name="same"), name="outer")
        loop = mb.while_loop(
            _cond=lambda i, total: mb.less(x=i, y=first, name="more"),
            _body=lambda i, total: (mb.add(x=i, y=1, name="next"), mb.add(x=total, y=x, name="grown")),
            loop_vars=(np.int32(0), chosen),
            name="again",
        )
        return loop[1]

    return net


@model
def programs() -> dict[str, Any]:
    if VERSION < 7:  # whose wheel for this Python cannot write files of weights
        return {}
    target = ct.target.iOS15
    half = ct.convert(convolutions(target), convert_to="mlprogram", minimum_deployment_target=target)
    full = ct.convert(
        convolutions(target),
        convert_to="mlprogram",
        minimum_deployment_target=target,
        compute_precision=ct.precision.FLOAT32,
        inputs=[ct.ImageType("image", shape=(1, 3, 12, 12), scale=1 / 255, bias=[-0.5, -0.4, -0.3]), ct.TensorType("extra", shape=(1, 4))],
        classifier_config=ct.ClassifierConfig(["one", "two", "three", "four"]),
    )
    made = {
        "program_half": half,
        "program_classifier": full,
        "program_flow": ct.convert(control_flow(), convert_to="mlprogram", minimum_deployment_target=target),
        "network_of_program": ct.convert(convolutions(), convert_to="neuralnetwork"),
    }

    @mb.program(input_specs=[mb.TensorSpec(shape=(mb_symbol("n"), 4)), mb.TensorSpec(shape=(1, mb_symbol("m")))], opset_version=target)
    def flexible(x: Any, y: Any) -> Any:
        return mb.matmul(x=x, y=normal(4, 5), name="out"), mb.relu(x=y, name="out2")

    shapes = ct.EnumeratedShapes([(1, 4), (1, 8)], default=(1, 8))
    made["program_flexible"] = ct.convert(
        flexible,
        convert_to="mlprogram",
        minimum_deployment_target=target,
        inputs=[ct.TensorType("x", shape=(ct.RangeDim(1, 64, default=2), 4)), ct.TensorType("y", shape=shapes)],
    )
    return made


def mb_symbol(name: str) -> Any:
    from coremltools.converters.mil.mil import get_new_symbol

    return get_new_symbol(name)


@model
def compressed() -> dict[str, Any]:
    if VERSION < 8:
        return {}
    import coremltools.optimize as cto

    target = ct.target.iOS18
    base = ct.convert(convolutions(target), convert_to="mlprogram", minimum_deployment_target=target)
    older = ct.convert(convolutions(ct.target.iOS16), convert_to="mlprogram", minimum_deployment_target=ct.target.iOS16)

    def config(op: Any) -> Any:
        return cto.coreml.OptimizationConfig(global_config=op)

    linear, tables = cto.coreml.OpLinearQuantizerConfig, cto.coreml.OpPalettizerConfig
    return {
        "program_int8": cto.coreml.linear_quantize_weights(older, config(linear(mode="linear", weight_threshold=0))),
        "program_int4": cto.coreml.linear_quantize_weights(
            base, config(linear(mode="linear_symmetric", dtype="int4", granularity="per_block", block_size=3, weight_threshold=0))
        ),
        "program_table": cto.coreml.palettize_weights(base, config(tables(mode="uniform", nbits=3, weight_threshold=0))),
        "program_sparse": cto.coreml.prune_weights(
            older, config(cto.coreml.OpMagnitudePrunerConfig(target_sparsity=0.5, weight_threshold=0))
        ),
    }


@model
def newest() -> dict[str, Any]:
    """States, several functions, a picture out; a pipeline with a program in it."""
    if VERSION < 7:
        return {}
    target = ct.target.iOS16
    picture = ct.convert(
        convolutions(target),
        convert_to="mlprogram",
        minimum_deployment_target=target,
        inputs=[ct.TensorType("image", shape=(1, 3, 12, 12), dtype=np.float16), ct.TensorType("extra", shape=(1, 4), dtype=np.float16)],
        outputs=[ct.TensorType("probability", dtype=np.float16)],
    )
    made = {"program_float16_io": picture}

    @mb.program(input_specs=[mb.TensorSpec(shape=(1, 3, 8, 8))], opset_version=target)
    def paint(photo: Any) -> Any:
        return mb.mul(x=photo, y=np.float32(0.5), name="darker")

    made["program_picture"] = ct.convert(
        paint,
        convert_to="mlprogram",
        minimum_deployment_target=target,
        inputs=[ct.ImageType("photo", shape=(1, 3, 8, 8), color_layout=ct.colorlayout.BGR)],
        outputs=[ct.ImageType("darker", color_layout=ct.colorlayout.RGB)],
    )
    if VERSION < 8:
        return made

    @mb.program(
        input_specs=[mb.TensorSpec((1, 4), dtype=types.fp16), mb.StateTensorSpec((1, 4), dtype=types.fp16)], opset_version=ct.target.iOS18
    )
    def accumulate(x: Any, total: Any) -> Any:
        value = mb.add(x=mb.read_state(input=total), y=x, name="value")
        mb.coreml_update_state(state=total, value=value)
        return mb.mul(x=value, y=np.float16(2.0), name="out")

    made["program_state"] = ct.convert(accumulate, convert_to="mlprogram", minimum_deployment_target=ct.target.iOS18)
    folder = HERE / "parts"
    folder.mkdir(exist_ok=True)
    parts = ct.utils.MultiFunctionDescriptor()
    for name in ("first", "second"):
        part = ct.convert(convolutions(ct.target.iOS18), convert_to="mlprogram", minimum_deployment_target=ct.target.iOS18)
        part.save(str(folder / f"{name}.mlpackage"))
        parts.add_function(str(folder / f"{name}.mlpackage"), "main", name)
    parts.default_function_name = "second"
    ct.utils.save_multifunction(parts, str(HERE / "program_functions.mlpackage"))
    shutil.rmtree(folder)
    return made


def save(name: str, made: Any) -> None:
    spec = made if isinstance(made, proto.Model_pb2.Model) else made.get_spec()
    if spec.WhichOneof("Type") == "mlProgram":
        path = HERE / f"{name}.mlpackage"
        shutil.rmtree(path, ignore_errors=True)
        made.save(str(path))
    else:
        ct.utils.save_spec(spec, str(HERE / f"{name}.mlmodel"))


# What coremltools says of them


def plain(value: Any) -> Any:
    """A message as what JSON has, without its weights, which `weights` tells. One that is but a list or a map is given as that."""
    if isinstance(value, float | int | str):
        return value
    if isinstance(value, bytes):
        return value.hex() if len(value) <= 64 else len(value)
    found = {}
    for field, held in value.ListFields():
        inner = field.message_type.name if field.message_type is not None else ""
        repeated = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
        if inner in ("NeuralNetwork", "TreeNode"):
            if repeated:
                found[field.name] = len(held)
        elif inner in ("SparseVector", "DenseVector", "FloatVector", "SimilarItems") and repeated:
            found[field.name] = len(held)
        elif inner == "WeightParams":
            found[field.name] = [plain(each) for each in held] if repeated else plain(held)
        elif inner.endswith("Entry") and field.message_type.GetOptions().map_entry:
            found[field.name] = {str(key): plain(each) for key, each in held.items()}
        elif field.enum_type is not None:
            found[field.name] = field.enum_type.values_by_number[held].name
        else:
            found[field.name] = [plain(each) for each in held] if repeated else plain(held)
    if value.DESCRIPTOR.name == "WeightParams":
        return {key: found[key] for key in ("quantization", "isUpdatable") if key in found}
    fields = value.DESCRIPTOR.fields
    if (
        len(fields) == 1
        and value.DESCRIPTOR.name not in ("Pipeline", "NeuralNetworkMeanImage")
        and (fields[0].is_repeated if hasattr(fields[0], "is_repeated") else fields[0].label == fields[0].LABEL_REPEATED)
    ):
        return found.get(fields[0].name, {} if fields[0].message_type is not None and fields[0].message_type.GetOptions().map_entry else [])
    return found


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def weights(message: Any, path: str = "") -> Iterator[list[Any]]:
    """Place, dtype, count of bytes and digest of each weight of a layer."""
    for field, held in message.ListFields():
        if field.message_type is None or field.message_type.name in ("NeuralNetwork", "QuantizationParams"):
            continue
        many = field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED
        if many and field.message_type.GetOptions().map_entry:
            continue
        for index, each in enumerate(held if many else [held]):
            place = ".".join(filter(None, [path, field.name])) + (f"[{index}]" if many else "")
            if field.message_type.name != "WeightParams":
                yield from weights(each, place)
                continue
            bits = each.quantization.numberOfBits
            for name, dtype in (("float16Value", "float16"), ("rawValue", f"uint{bits}"), ("int8RawValue", "int8")):
                if getattr(each, name):
                    yield [place, dtype, len(getattr(each, name)), digest(getattr(each, name))]
            if each.floatValue:
                raw = np.asarray(each.floatValue, "<f4").tobytes()
                yield [place, "float32", len(raw), digest(raw)]


def network(message: Any) -> list[Any]:
    told = []
    for layer in message.layers:
        kind = layer.WhichOneof("layer")
        inner = getattr(layer, kind)
        graphs = {f.name: network(each) for f, each in inner.ListFields() if f.message_type and f.message_type.name == "NeuralNetwork"}
        told.append(
            {
                "type": kind,
                "name": layer.name,
                "inputs": list(layer.input),
                "outputs": list(layer.output),
                "shapes": {n: [t.rank, list(t.dimValue)] for n, t in zip(layer.output, layer.outputTensor, strict=False)},
                "attributes": plain(inner),
                "updatable": layer.isUpdatable,
                "weights": list(weights(inner)),
                "graphs": graphs,
            }
        )
    return told


def program(message: Any, folder: Path) -> dict[str, Any]:
    from coremltools.converters.mil.frontend.milproto import helper, load

    kinds = {number: name for name, number in proto.MIL_pb2.DataType.items()}
    context = load.TranscriptionContext(str(folder))

    def told(kind: Any) -> list[Any]:
        which = kind.WhichOneof("type")
        if which == "stateType":
            return ["state", told(kind.stateType.wrappedType)[1]]
        if which != "tensorType":
            return [which, None]
        sizes = [None if d.WhichOneof("dimension") == "unknown" else d.constant.size for d in kind.tensorType.dimensions]
        return [kinds[kind.tensorType.dataType], sizes]

    def constant(value: Any) -> dict[str, Any]:
        dtype, shape = told(value.type)
        found: dict[str, Any] = {"type": [dtype, shape], "file": value.WhichOneof("value") == "blobFileValue"}
        if dtype in ("listType", "tupleType"):
            inner = getattr(value.immediateValue, dtype.removesuffix("Type")).values
            return found | {"value": [constant(each).get("value") for each in inner]}
        if dtype == "dictionaryType":
            return found
        loaded = load._load_value(context, value)
        if isinstance(loaded, np.ndarray | np.generic) and dtype.rstrip("0123456789") in ("FLOAT", "INT", "UINT", "BOOL"):
            width = int("0" + dtype.lstrip("FLOATINUBE")) or 8
            if width >= 8:
                found["digest"] = digest(np.asarray(loaded).tobytes())
        if not found["file"] and np.size(loaded) <= 8:
            found["value"] = np.asarray(loaded).tolist() if not isinstance(loaded, str) else loaded
        return found

    def block(message: Any) -> dict[str, Any]:
        constants, operations = {}, []
        for op in message.operations:
            if op.type == "const":
                constants[op.outputs[0].name] = constant(op.attributes["val"])
                continue
            arguments = {}
            for key, argument in op.inputs.items():
                arguments[key] = [each.name or constant(each.value) for each in argument.arguments]
            operations.append(
                {
                    "type": op.type,
                    "name": op.attributes["name"].immediateValue.tensor.strings.values[0] if "name" in op.attributes else "",
                    "arguments": arguments,
                    "outputs": [[each.name, *told(each.type)] for each in op.outputs],
                    "attributes": {k: constant(v) for k, v in op.attributes.items() if k != "name"},
                    "blocks": [block(each) for each in op.blocks],
                }
            )
        inputs = [[each.name, *told(each.type)] for each in message.inputs]
        return {"inputs": inputs, "outputs": list(message.outputs), "constants": constants, "operations": operations}

    assert helper
    return {
        name: {"opset": f.opset, "inputs": [[i.name, *told(i.type)] for i in f.inputs]} | {"block": block(f.block_specializations[f.opset])}
        for name, f in message.functions.items()
    }


def body(spec: Any, folder: Path) -> dict[str, Any]:
    kind = spec.WhichOneof("Type")
    inner = getattr(spec, kind)
    told: dict[str, Any] = {"version": spec.specificationVersion, "type": kind, "description": plain(spec.description)}
    if kind == "mlProgram":
        return told | {"functions": program(inner, folder)}
    if kind.startswith("neuralNetwork"):
        preprocessing = {each.featureName: plain(each) for each in inner.preprocessing}
        return told | {"layers": network(inner), "preprocessing": preprocessing}
    if kind.startswith("pipeline"):
        pipeline = inner if kind == "pipeline" else inner.pipeline
        return told | {"models": [body(each, folder) for each in pipeline.models], "names": list(pipeline.names)}
    return told | {"attributes": plain(inner)}


def truth(path: Path) -> dict[str, Any]:
    """What coremltools says of the model at `path`."""
    if path.suffix == ".mlmodel":
        return body(ct.utils.load_spec(str(path)), path.parent)
    package = ct.libmodelpackage.ModelPackage(str(path)) if hasattr(ct, "libmodelpackage") else None
    assert package is None or package.getRootModel()
    told = body(ct.utils.load_spec(str(path)), path / "Data" / "com.apple.CoreML" / "weights")
    return json.loads(json.dumps(told))


def main(prefix: str) -> None:
    HERE.mkdir(exist_ok=True)
    if prefix != "--truth":
        for make in MODELS:
            for name, made in make().items():
                save(prefix + name, made)
    if VERSION >= 9:
        for path in sorted([*HERE.glob("*.mlmodel"), *HERE.glob("*.mlpackage")]):
            path.with_suffix(".json").write_text(json.dumps(truth(path)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
