"""ONNX models for measuring agreement: whole networks as exporters and optimizers write them, with random weights.

    python -m tools.agreement.build_onnx_networks FOLDER [--seed N] [--number N]

Networks of torchvision, timm and transformers are exported by either exporter of PyTorch at a random opset, estimators of scikit-learn by
skl2onnx; some are quantized, cast to float16 or optimized by ONNX Runtime's tools. Run it with a Python that has these packages; what a
package that is not there would give is left out, and so is what an exporter refuses.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

VISION = {
    "torchvision": (
        *("squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5", "resnet18", "efficientnet_b0"),
        *("regnet_y_400mf", "googlenet", "densenet121"),
    ),
    "timm": (
        *("convnext_atto", "vit_tiny_patch16_224", "mobilevit_xxs", "efficientformer_l1", "poolformer_s12", "lcnet_050", "ghostnet_050"),
        *("mixer_s32_224", "tinynet_e", "edgenext_xx_small", "repvgg_a0", "resnest14d", "levit_128s", "crossvit_9_240", "pit_ti_224"),
        *("fastvit_t8", "mobileone_s0", "regnetz_005", "xcit_nano_12_p16_224", "coat_lite_tiny", "hardcorenas_a", "mobilenetv4_conv_small"),
    ),
}
"""Small networks for images, by package."""

SMALL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 99,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
"""What configurations of transformers call the sizes of a network."""

TEXT: dict[str, dict[str, Any]] = {
    **{
        name: {}
        for name in ("Bert", "Roberta", "Electra", "Albert", "MobileBert", "Ernie", "MPNet", "Nystromformer", "RoFormer", "Deberta")
    },
    **{name: {} for name in ("DebertaV2", "SqueezeBert", "Camembert", "ConvBert", "LayoutLM", "MegatronBert", "ModernBert", "XLMRoberta")},
    **{
        name: {"use_cache": False} for name in ("Llama", "Mistral", "Qwen2", "Gemma", "Phi", "StableLm", "OPT", "GPTNeoX", "Falcon", "Olmo")
    },
    "DistilBert": {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64},
    "GPT2": {"n_embd": 32, "n_layer": 2, "n_head": 4, "use_cache": False},
    "GPTNeo": {"num_layers": 2, "num_heads": 4, "attention_types": [[["global", "local"], 1]], "use_cache": False},
    "Bloom": {"n_layer": 2, "n_head": 4, "use_cache": False},
    "CTRL": {"n_embd": 32, "n_layer": 2, "n_head": 4, "dff": 64, "use_cache": False},
}
"""Networks for text, and what their configurations want beside `SMALL`."""

IMAGES: dict[str, dict[str, Any]] = {
    "ViT": {"image_size": 32, "patch_size": 8},
    "DeiT": {"image_size": 32, "patch_size": 8},
    "Beit": {"image_size": 32, "patch_size": 8},
    "Dinov2": {"image_size": 32, "patch_size": 8},
    "ViTMAE": {"image_size": 32, "patch_size": 8},
    "ConvNext": {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1]},
    "Swin": {"image_size": 32, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2], "window_size": 4},
    "Segformer": {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 4]},
    "ResNet": {"embedding_size": 8, "hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1]},
    "MobileNetV2": {},
    "PoolFormer": {"hidden_sizes": [8, 16, 16, 32], "depths": [1, 1, 1, 1]},
}

ESTIMATORS = {
    "linear_model": ("LogisticRegression", "LinearRegression", "SGDClassifier", "Ridge", "Perceptron", "BayesianRidge"),
    "ensemble": ("RandomForestClassifier", "RandomForestRegressor", "GradientBoostingClassifier", "IsolationForest", "AdaBoostClassifier"),
    "tree": ("DecisionTreeClassifier", "DecisionTreeRegressor"),
    "svm": ("SVC", "SVR", "LinearSVC", "OneClassSVM"),
    "neighbors": ("KNeighborsClassifier", "KNeighborsRegressor"),
    "neural_network": ("MLPClassifier", "MLPRegressor"),
    "naive_bayes": ("GaussianNB", "BernoulliNB"),
    "cluster": ("KMeans",),
    "decomposition": ("PCA", "TruncatedSVD"),
    "preprocessing": (
        "StandardScaler",
        "MinMaxScaler",
        "Normalizer",
        "Binarizer",
        "PolynomialFeatures",
        "KBinsDiscretizer",
        "OneHotEncoder",
    ),
    "gaussian_process": ("GaussianProcessRegressor",),
    "discriminant_analysis": ("LinearDiscriminantAnalysis",),
    "mixture": ("GaussianMixture",),
}

Network = tuple[Any, tuple[Any, ...]]
"""A module and what it is called with."""


def declared() -> None:
    """torchvision without its compiled part: that of another build of PyTorch does not load."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        with suppress(RuntimeError):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    declared.library = library  # type: ignore[attr-defined]  # its definitions go with it


def vision(package: str, name: str, rng: random.Random) -> Network:
    import torch

    if package == "timm":
        import timm

        module = timm.create_model(name, pretrained=False)
        size = module.pretrained_cfg.get("input_size", (3, 224, 224))
    else:
        from torchvision import models

        module, size = getattr(models, name)(weights=None), (3, 224, 224)
    return module.eval(), (torch.randn(rng.choice((1, 2)), *size),)


def transformer(name: str, rng: random.Random) -> Network:
    import torch
    import transformers

    text = name in TEXT
    wanted = {**SMALL, **(TEXT if text else IMAGES)[name]}
    config = getattr(transformers, f"{name}Config")(**wanted)
    config.return_dict = False
    config._attn_implementation = rng.choice(("eager", "sdpa"))
    module = getattr(transformers, f"{name}Model")(config)
    if not text:
        return module.eval(), (torch.randn(1, 3, getattr(config, "image_size", 64), getattr(config, "image_size", 64)),)
    ids = torch.randint(1, 90, (2, 12))
    return module.eval(), (ids, torch.ones_like(ids))


def exported(network: Network, path: Path, rng: random.Random) -> str:
    """Write the network; returns how."""
    import torch

    module, inputs = network
    dynamo = rng.random() < 0.5
    opset = rng.choice((18, 18, 19, 20, 21, 22, 23)) if dynamo else rng.choice((11, 12, 13, 14, 15, 16, 17, 17, 18, 20))
    if dynamo:
        torch.onnx.export(module, inputs, path, dynamo=True, opset_version=opset, external_data=False)
        return f"dynamo{opset}"
    names = [f"x{number}" for number in range(len(inputs))]
    axes = {name: {0: "batch"} for name in names} if rng.random() < 0.5 else None
    torch.onnx.export(module, inputs, path, dynamo=False, opset_version=opset, input_names=names, dynamic_axes=axes)
    return f"legacy{opset}"


def estimator(module: str, name: str, path: Path, rng: random.Random) -> str:
    from importlib import import_module

    import numpy
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType

    numbers = numpy.random.default_rng(rng.randrange(1 << 30))
    x, y = numbers.random((60, 4)), numbers.integers(0, 3, 60)
    made = getattr(import_module(f"sklearn.{module}"), name)()
    made.fit(numpy.round(x * 3) if name == "OneHotEncoder" else x, y)
    kind = rng.choice((FloatTensorType, FloatTensorType, DoubleTensorType, Int64TensorType))
    opset = rng.choice((11, 12, 13, 15, 17, 18, 19, 20, 21))
    model = convert_sklearn(made, initial_types=[("x", kind([None, 4]))], target_opset={"": opset, "ai.onnx.ml": rng.choice((1, 2, 3))})
    path.write_bytes(model.SerializeToString())
    return f"skl{opset}"


# What is made of a model


class _Random:
    """Data to calibrate with: one batch of what the model is fed."""

    def __init__(self, path: Path) -> None:
        import numpy
        import onnx

        graph = onnx.load(path).graph
        stored = {tensor.name for tensor in graph.initializer}
        self.batch: Any = {}
        for value in graph.input:
            if value.name not in stored:
                dims = [dim.dim_value or 1 for dim in value.type.tensor_type.shape.dim]
                dtype = onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type)
                self.batch[value.name] = numpy.ones(dims, dtype)

    def get_next(self) -> Any:
        batch, self.batch = self.batch, None
        return batch


def dynamic(path: Path, to: Path, rng: random.Random) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(path, to, weight_type=rng.choice((QuantType.QInt8, QuantType.QUInt8)), per_channel=rng.random() < 0.5)


def static(path: Path, to: Path, rng: random.Random) -> None:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static

    form = rng.choice((QuantFormat.QDQ, QuantFormat.QOperator))
    activations = rng.choice((QuantType.QInt8, QuantType.QUInt8, *((QuantType.QUInt16,) if form is QuantFormat.QDQ else ())))
    quantize_static(path, to, _Random(path), quant_format=form, activation_type=activations, weight_type=QuantType.QInt8)


def four_bits(path: Path, to: Path, rng: random.Random) -> None:
    import onnx
    from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
    from onnxruntime.quantization.quant_utils import QuantFormat

    form = rng.choice((QuantFormat.QOperator, QuantFormat.QDQ))
    made = MatMulNBitsQuantizer(onnx.load(path), block_size=16, is_symmetric=rng.random() < 0.5, quant_format=form)
    made.process()
    made.model.save_model_to_file(str(to), False)


def half(path: Path, to: Path, rng: random.Random) -> None:
    import onnx
    from onnxconverter_common import float16

    onnx.save(float16.convert_float_to_float16(onnx.load(path), keep_io_types=rng.random() < 0.5), to)


def optimized(path: Path, to: Path, rng: random.Random) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = rng.choice((levels.ORT_ENABLE_BASIC, levels.ORT_ENABLE_EXTENDED, levels.ORT_ENABLE_ALL))
    options.optimized_model_filepath, options.log_severity_level = str(to), 4
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def fused(path: Path, to: Path, rng: random.Random) -> None:
    from onnxruntime.transformers.optimizer import optimize_model

    made = optimize_model(str(path), rng.choice(("bert", "gpt2", "vit")), num_heads=4, hidden_size=32, opt_level=0)
    if rng.random() < 0.5:
        made.convert_float_to_float16(keep_io_types=rng.random() < 0.5)
    made.save_model_to_file(str(to))


def of_version(path: Path, to: Path, rng: random.Random) -> None:
    import onnx
    from onnx import version_converter

    onnx.save(version_converter.convert_version(onnx.load(path), rng.choice((9, 10, 11, 13, 15, 18, 21, 23))), to)


MAKERS: Sequence[Callable[[Path, Path, random.Random], None]] = (
    dynamic,
    static,
    static,
    four_bits,
    half,
    half,
    optimized,
    fused,
    of_version,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--number", type=int, default=60, help="networks that are exported")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    declared()
    rng = random.Random(args.seed)
    for number in range(args.number):
        made = args.folder / f"{number:03d}.onnx"
        try:
            name, how = _drawn(made, rng)
        except Exception as error:  # exporters raise what they like, and half of their refusals are defects
            print(f"{number}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
            made.unlink(missing_ok=True)
            continue
        path = made.rename(args.folder / f"{number:03d}_{name}_{how}.onnx")
        for maker in rng.sample(MAKERS, 3):
            to = path.with_name(f"{path.stem}_{maker.__name__}.onnx")
            try:
                maker(path, to, rng)
            except Exception as error:
                print(f"{to.name}: {type(error).__name__}: {str(error)[:100]}", file=sys.stderr)
                to.unlink(missing_ok=True)


def _drawn(path: Path, rng: random.Random) -> tuple[str, str]:
    kind = rng.choice(("vision", "text", "text", "text", "images", "sklearn"))
    if kind == "sklearn":
        module = rng.choice(sorted(ESTIMATORS))
        name = rng.choice(ESTIMATORS[module])
        return name, estimator(module, name, path, rng)
    if kind == "vision":
        package = rng.choice(("torchvision", "timm"))
        name = rng.choice(VISION[package])
        return name, exported(vision(package, name, rng), path, rng)
    name = rng.choice(sorted(TEXT if kind == "text" else IMAGES))
    return name, exported(transformer(name, rng), path, rng)


if __name__ == "__main__":
    main()
