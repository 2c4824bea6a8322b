"""Read released wheels, without importing them: which release of a library dropped a name or a parameter that deployment code uses.

    python -m tools.api_history [PACKAGE...]

Writes `deplint/data/api_changes.json`; of packages that are not named it keeps the rows. Of each wheel only the files that are looked
into are fetched. What Python sources cannot tell (extension modules, names served by ``__getattr__``) is in `DOCUMENTED`, with its
document.
"""

from __future__ import annotations

import ast
import datetime
import io
import json
import re
import sys
import tarfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from remotezip import RemoteZip

from tools.pypi import fetch, released

DATA = Path(__file__).parents[1] / "deplint" / "data" / "api_changes.json"


class Library(NamedTuple):
    """What to read of one distribution.

    `releases` are versions in rising order: of each minor release one. `names` maps a dotted name, or a parameter as
    ``torch.onnx.export(aten=)``, to what took its place ("" where nothing did); where code spells it otherwise than the sources do, as
    ``code @ sources``.
    """

    releases: str
    names: dict[str, str]


LIBRARIES: dict[str, Library] = {
    "torch": Library(
        "1.7.1 1.8.1 1.9.1 1.10.2 1.11.0 1.12.1 1.13.1 2.0.1 2.1.2 2.2.2 2.3.1 2.4.1 2.5.1 2.6.0 2.7.1 2.8.0 2.9.1 2.10.0 2.11.0 2.12.1 "
        "2.13.0 2.14.1 2.15.0",
        {
            "torch._six": "",
            "torch.onnx.dynamo_export": "torch.onnx.export(..., dynamo=True)",
            "torch.onnx.ExportOptions": "the parameters of torch.onnx.export",
            "torch.onnx.OnnxRegistry": "custom_translation_table of torch.onnx.export",
            "torch.onnx.enable_fake_mode": "torch.onnx.export(..., dynamo=True) with fake tensors",
            "torch.onnx._export": "torch.onnx.export",
            "torch.onnx.export_to_pretty_string": "torch.onnx.export",
            "torch.onnx.SymbolicContext": "",
            "torch.onnx.is_onnxrt_backend_supported": "",
            "torch.onnx.CheckerError": "",
            "torch.onnx.export(example_outputs=)": "",
            "torch.onnx.export(use_external_data_format=)": "external_data=",
            "torch.onnx.export(enable_onnx_checker=)": "",
            "torch.onnx.export(strip_doc_string=)": "",
            "torch.onnx.export(_retain_param_name=)": "",
            "torch.onnx.export(aten=)": "operator_export_type=",
            "torch.onnx.export(autograd_inlining=)": "",
            "torch.onnx.export(operator_export_type=)": "",
            "torch.onnx.export(export_modules_as_functions=)": "",
            "torch.onnx.export(training=)": "",
            "torch.onnx.export(fallback=)": "",
            "torch.export.export_for_training": "torch.export.export",
            "torch.export.export_for_inference": "torch.export.export",
            "torch.export.dynamic_dim": "torch.export.Dim",
            "torch.export.export(constraints=)": "dynamic_shapes=",
            "torch._export.capture_pre_autograd_graph": "torch.export.export",
            "torch.ao.quantization.quantize_pt2e": "torchao.quantization.pt2e",
            "torch.ao.quantization.quantizer.xnnpack_quantizer": "executorch's XNNPACKQuantizer",
        },
    ),
    "onnx": Library(
        "1.6.0 1.8.1 1.9.0 1.10.2 1.11.0 1.12.0 1.13.1 1.14.1 1.15.0 1.16.2 1.17.0 1.18.0 1.19.1 1.20.1 1.21.0 1.22.0 1.23.2",
        {
            "onnx.optimizer": "the package onnxoptimizer",
            "onnx.utils.polish_model": "onnx.shape_inference.infer_shapes and onnx.checker.check_model",
            "onnx.mapping": "onnx.helper.tensor_dtype_to_np_dtype and its siblings",
            "onnx.mapping.NP_TYPE_TO_TENSOR_TYPE": "onnx.helper.np_dtype_to_tensor_dtype",
            "onnx.mapping.TENSOR_TYPE_TO_NP_TYPE": "onnx.helper.tensor_dtype_to_np_dtype",
            "onnx.helper.float32_to_bfloat16": "ml_dtypes",
            "onnx.helper.float32_to_float8e4m3": "ml_dtypes",
            "onnx.helper.float32_to_float8e5m2": "ml_dtypes",
            "onnx.numpy_helper.bfloat16_to_float32": "ml_dtypes",
            "onnx.numpy_helper.float8e4m3_to_float32": "ml_dtypes",
            "onnx.helper.make_sequence_value_info": "onnx.helper.make_tensor_sequence_value_info",
        },
    ),
    "onnxruntime": Library(
        "1.15.1 1.16.3 1.17.3 1.18.1 1.19.2 1.20.1 1.21.1 1.22.1 1.23.2 1.24.4 1.25.1 1.26.0 1.27.0 1.28.0 1.30.0 1.31.1 1.32.0",
        {
            "onnxruntime.quantization.quantize_dynamic(optimize_model=)": "onnxruntime.quantization.shape_inference.quant_pre_process",
            "onnxruntime.quantization.quantize_static(optimize_model=)": "onnxruntime.quantization.shape_inference.quant_pre_process",
        },
    ),
    "coremltools": Library(
        "4.1 5.2.0 6.3.0 7.2 8.0 8.3.0 9.0",
        {
            "coremltools.converters.keras": "coremltools.convert",
            "coremltools.converters.caffe": "",
            "coremltools.converters.onnx": "coremltools.convert of the PyTorch model",
            "coremltools.models.MLModel(useCPUOnly=)": "compute_units=",
            "coremltools.models.MLModel().predict(useCPUOnly=) @ coremltools.models.MLModel.predict(useCPUOnly=)": (
                "compute_units= of the constructor"
            ),
            "coremltools.convert(useCPUOnly=)": "compute_units=",
        },
    ),
    "optimum": Library(
        "1.5.1 1.8.8 1.13.3 1.17.1 1.20.0 1.23.3 1.27.0 2.0.0 2.3.0",
        {
            "optimum.onnxruntime.ORTModelForSequenceClassification": "the package optimum-onnx",
            "optimum.onnxruntime.ORTQuantizer": "the package optimum-onnx",
            "optimum.onnxruntime.ORTOptimizer": "the package optimum-onnx",
            "optimum.exporters.onnx.main_export": "the package optimum-onnx",
            "optimum.exporters.tflite": "",
            "optimum.bettertransformer": "attn_implementation='sdpa' of transformers",
        },
    ),
    "bentoml": Library(
        "0.13.1 1.0.25 1.1.11 1.2.20 1.3.22 1.4.0 1.4.40",
        {
            "bentoml.BentoService": "bentoml.service",
            "bentoml.artifacts": "bentoml.models",
            "bentoml.env": "bentoml.images.Image",
            "bentoml.adapters": "type annotations of the API's function",
            "bentoml.frameworks": "bentoml.models",
            "bentoml.Runner": "bentoml.service and bentoml.depends",
            "bentoml.Runnable": "bentoml.service and bentoml.depends",
            "bentoml.ver": "",
        },
    ),
    "sagemaker": Library(
        "1.72.0 2.0.0 2.100.0 2.200.0 2.257.7 3.0 3.27.0",
        {
            "sagemaker.estimator.Estimator(train_instance_count=)": "instance_count=",
            "sagemaker.estimator.Estimator(train_instance_type=)": "instance_type=",
            "sagemaker.estimator.Estimator(image_name=)": "image_uri=",
            "sagemaker.estimator.Estimator": "sagemaker.train.ModelTrainer",
            "sagemaker.model.Model(image=)": "image_uri=",
            "sagemaker.model.Model": "sagemaker.serve.ModelBuilder",
            "sagemaker.predictor.RealTimePredictor": "sagemaker.predictor.Predictor",
            "sagemaker.predictor.Predictor": "sagemaker.core.resources.Endpoint",
            "sagemaker.predictor.csv_serializer": "sagemaker.serializers.CSVSerializer",
            "sagemaker.predictor.json_serializer": "sagemaker.serializers.JSONSerializer",
            "sagemaker.predictor.json_deserializer": "sagemaker.deserializers.JSONDeserializer",
            "sagemaker.content_types": "the content types as text",
            "sagemaker.amazon.amazon_estimator.get_image_uri": "sagemaker.image_uris.retrieve",
            "sagemaker.tensorflow.TensorFlow": "sagemaker.train.ModelTrainer",
            "sagemaker.tensorflow.TensorFlowModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.tensorflow.model.TensorFlowModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.tensorflow.serving.Model": "sagemaker.tensorflow.TensorFlowModel, up to SDK 2",
            "sagemaker.pytorch.PyTorch": "sagemaker.train.ModelTrainer",
            "sagemaker.pytorch.PyTorchModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.pytorch.model.PyTorchModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.huggingface.HuggingFaceModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.sklearn.model.SKLearnModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.sklearn.SKLearnModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.xgboost.XGBoostModel": "sagemaker.serve.ModelBuilder",
            "sagemaker.multidatamodel.MultiDataModel": "",
            "sagemaker.s3_input": "sagemaker.inputs.TrainingInput",
            "sagemaker.session.s3_input": "sagemaker.inputs.TrainingInput",
        },
    ),
    "openvino": Library(
        "2023.0.2 2023.3.0 2024.0.0 2024.6.0 2025.0.0 2025.4.1 2026.0.0 2026.4.1",
        {
            "openvino.inference_engine": "openvino.Core",
        },
    ),
    "tensorflow-serving-api": Library(
        "1.12.0 1.13.0 1.15.0 2.0.0 2.5.1 2.10.1 2.15.1 2.21.0",
        {
            "tensorflow_serving.apis.prediction_service_pb2.beta_create_PredictionService_stub": (
                "prediction_service_pb2_grpc.PredictionServiceStub"
            ),
        },
    ),
    "ray": Library(
        "2.3.1 2.5.1 2.7.2 2.9.3 2.12.0 2.20.0 2.30.0 2.40.0 2.60.0",
        {
            "ray.serve.handle.RayServeDeploymentHandle": "ray.serve.handle.DeploymentHandle",
            "ray.serve.get_deployment": "ray.serve.get_app_handle",
            "ray.serve.list_deployments": "ray.serve.status",
            "ray.serve.drivers": "ray.serve.run",
            "ray.serve.http_adapters": "",
            "ray.serve.PredictorDeployment": "",
            "ray.serve.build": "the command serve build",
        },
    ),
    "kserve": Library(
        "0.7.0 0.8.0 0.9.0 0.10.2 0.11.2 0.12.1 0.13.1 0.15.2 0.17.1 0.21.0",
        {
            "kserve.KFModel": "kserve.Model",
            "kserve.KFServer": "kserve.ModelServer",
        },
    ),
    "mlflow": Library(
        "1.30.1 2.0.1 2.10.2 2.22.5 3.0.1 3.10.1 3.18.0",
        {
            "mlflow.fastai": "",
            "mlflow.mleap": "",
            "mlflow.gluon": "",
            "mlflow.azureml": "the package azureml-mlflow",
            "mlflow.keras.log_model(keras_module=)": "",
            "mlflow.keras.log_model(keras_model=)": "model=",
        },
    ),
    "werkzeug": Library(
        "0.14.1 0.15.6 0.16.1 1.0.1 2.0.3 2.1.2 2.2.3 2.3.8 3.0.6 3.1.9",
        {
            "werkzeug.secure_filename": "werkzeug.utils.secure_filename",
            "werkzeug.FileStorage": "werkzeug.datastructures.FileStorage",
            "werkzeug.urls.url_parse": "urllib.parse.urlsplit",
            "werkzeug.contrib": "",
        },
    ),
    "flask": Library(
        "0.12.5 1.0.4 1.1.4 2.0.3 2.1.3 2.2.5 2.3.3 3.0.3 3.1.3",
        {
            "flask.Flask().before_first_request @ flask.Flask.before_first_request": "code before the application starts",
            "flask.escape": "markupsafe.escape",
            "flask.Markup": "markupsafe.Markup",
            "flask._request_ctx_stack": "flask.globals.request_ctx",
            "flask.json.JSONEncoder": "flask.json.provider.DefaultJSONProvider",
            "flask.ext": "the extensions' own names",
        },
    ),
    "scipy": Library(
        "1.0.1 1.1.0 1.2.3 1.3.3 1.4.1 1.6.1 1.9.3 1.10.1 1.11.4 1.12.0 1.14.1 1.17.1",
        {
            "scipy.misc.imread": "imageio.v3.imread, or PIL.Image.open",
            "scipy.misc.imresize": "PIL.Image.Image.resize",
            "scipy.misc.imsave": "imageio.v3.imwrite",
            "scipy.misc.toimage": "PIL.Image.fromarray",
            "scipy.misc.imrotate": "scipy.ndimage.rotate",
            "scipy.misc.imshow": "",
        },
    ),
    "pillow": Library(
        "7.2.0 8.4.0 9.0.1 9.1.1 9.5.0 10.0.1 10.4.0 11.3.0 12.3.0 13.0.0",
        {
            "PIL.Image.ANTIALIAS": "PIL.Image.LANCZOS",
            "PIL.Image.LINEAR": "PIL.Image.BILINEAR",
            "PIL.Image.CUBIC": "PIL.Image.BICUBIC",
            "PIL.ImageDraw.Draw().textsize @ PIL.ImageDraw.ImageDraw.textsize": "textbbox",
            "PIL.ImageFont.truetype().getsize @ PIL.ImageFont.FreeTypeFont.getsize": "getbbox",
        },
    ),
    "scikit-learn": Library(
        "0.20.4 0.21.3 0.22.1 0.23.2 0.24.2 1.0.2 1.2.2 1.6.1 1.9.1",
        {"sklearn.externals.joblib": "joblib", "sklearn.preprocessing.Imputer": "sklearn.impute.SimpleImputer"},
    ),
}

NUMPY = "https://numpy.org/doc/stable/release/"

TENSORRT = "https://docs.nvidia.com/deeplearning/tensorrt/10.16.1/api/tensorrt-8x-to-10x-python-api.html"
TENSORRT11 = (
    "https://docs.nvidia.com/deeplearning/tensorrt/latest/api/migration/tensorrt-10x-to-11x-python-api-reference.html; "
    "tensorrt-cu12-bindings 10.16.1 has the names, 11.0.0 has not"
)
_QDQ = "quantization within the model: operators Q and DQ (ModelOpt)"
_ENGINE = "tensorrt.Runtime().deserialize_cuda_engine()"
_TENSORS = "the methods that take a tensor's name: num_io_tensors, get_tensor_name, get_tensor_shape, get_tensor_dtype, get_tensor_mode"
TRANSFORMERS = "pypi:transformers, 4.57.6 has a class of that name and 5.0.0 none"

KERAS_BACKEND = """
    abs all any arange argmax argmin batch_dot batch_flatten batch_get_value batch_normalization batch_set_value bias_add
    binary_crossentropy binary_focal_crossentropy cast cast_to_floatx categorical_crossentropy categorical_focal_crossentropy clip
    concatenate constant conv1d conv2d conv2d_transpose conv3d cos count_params ctc_batch_cost ctc_decode ctc_label_dense_to_sparse
    cumprod cumsum depthwise_conv2d dot dropout dtype elu equal eval exp expand_dims experimental eye flatten foldl foldr function
    gather get_value gradients greater greater_equal hard_sigmoid in_test_phase in_top_k in_train_phase int_shape is_sparse
    l2_normalize learning_phase learning_phase_scope less less_equal local_conv1d local_conv2d log manual_variable_initialization
    map_fn max maximum mean min minimum moving_average_update name_scope ndim normalize_batch_in_training not_equal one_hot ones
    ones_like permute_dimensions placeholder pool2d pool3d pow print_tensor prod random_bernoulli random_binomial random_normal
    random_normal_variable random_uniform random_uniform_variable relu repeat repeat_elements reset_uids reshape resize_images
    resize_volumes reverse rnn round separable_conv2d set_learning_phase set_value shape sigmoid sign sin softmax softplus softsign
    sparse_categorical_crossentropy spatial_2d_padding spatial_3d_padding sqrt square squeeze stack std stop_gradient sum switch
    tanh temporal_padding tile to_dense transpose truncated_normal update update_add update_sub var variable zeros zeros_like
"""
"""What `keras.backend` had up to Keras 2; `tf.keras.backend` has most of it still."""

TF_KERAS_BACKEND = """
    experimental function in_test_phase in_train_phase learning_phase learning_phase_scope local_conv1d local_conv2d
    manual_variable_initialization normalize_batch_in_training placeholder print_tensor random_binomial reset_uids set_learning_phase
"""
"""What `tf.keras.backend` lost with Keras 3."""

KERAS_LOSSES = "mae mape mse msle kld MAE MAPE MSE MSLE KLD logcosh kullback_leibler_divergence"
KERAS_IMAGES = """
    DirectoryIterator ImageDataGenerator Iterator NumpyArrayIterator apply_affine_transform apply_brightness_shift
    apply_channel_shift random_brightness random_channel_shift random_rotation random_shear random_shift random_zoom
"""

DOCUMENTED: dict[tuple[str, str, str], dict[str, str]] = {
    ("keras", "2.9", "pypi:keras, the sources in 2.8.0 and 2.9.0"): {
        "keras.layers.recurrent": "keras.layers",
        "keras.layers.embeddings": "keras.layers",
        "keras.layers.merge": "keras.layers",
        "keras.layers.wrappers": "keras.layers",
        "keras.layers.advanced_activations": "keras.layers",
        "keras.layers.convolutional_recurrent": "keras.layers",
        "keras.layers.local": "keras.layers",
        "keras.layers.cudnn_recurrent": "keras.layers",
        "keras.utils.multi_gpu_utils": "",
        "keras.optimizer_v2": "keras.optimizers",
    },
    ("keras", "2.13", "pypi:keras, the sources in 2.12.0 and 2.13.1"): {
        "keras.engine": "keras.layers and keras.models",
        "keras.layers.core": "keras.layers",
        "keras.layers.convolutional": "keras.layers",
        "keras.layers.pooling": "keras.layers",
        "keras.layers.normalization": "keras.layers",
        "keras.layers.noise": "keras.layers",
        "keras.utils.np_utils": "keras.utils",
        "keras.utils.vis_utils": "keras.utils",
        "keras.utils.generic_utils": "keras.utils",
        "keras.utils.data_utils": "keras.utils",
        "keras.utils.layer_utils": "keras.utils",
        "keras.wrappers.scikit_learn": "the package scikeras",
    },
    ("tensorflow", "2.16", "pypi:keras, the sources in 2.15.0; run with TensorFlow 2.21 and Keras 3.15.1"): {
        **{f"tensorflow.keras.backend.{name}": "" for name in TF_KERAS_BACKEND.split()},
        "tensorflow.keras.callbacks.BaseLogger": "",
        "tensorflow.keras.callbacks.experimental": "tf.keras.callbacks",
        "tensorflow.keras.constraints.RadialConstraint": "",
        "tensorflow.keras.layers.AbstractRNNCell": "tf.keras.layers.Layer",
        "tensorflow.keras.layers.DenseFeatures": "",
        "tensorflow.keras.layers.LocallyConnected1D": "",
        "tensorflow.keras.layers.LocallyConnected2D": "",
        "tensorflow.keras.layers.experimental": "tf.keras.layers",
        "tensorflow.keras.metrics.MeanRelativeError": "",
        "tensorflow.keras.metrics.MeanTensor": "",
        "tensorflow.keras.metrics.experimental": "",
        "tensorflow.keras.models.experimental": "",
        "tensorflow.keras.models.model_from_config": "tf.keras.saving.deserialize_keras_object",
        "tensorflow.keras.models.model_from_yaml": "tf.keras.models.model_from_json",
        "tensorflow.keras.optimizers.experimental": "tf.keras.optimizers",
        "tensorflow.keras.optimizers.legacy.Adadelta": "tf.keras.optimizers",
        "tensorflow.keras.optimizers.legacy.Adamax": "tf.keras.optimizers",
        "tensorflow.keras.optimizers.legacy.Nadam": "tf.keras.optimizers",
        "tensorflow.keras.utils.GeneratorEnqueuer": "tf.keras.utils.PyDataset",
        "tensorflow.keras.utils.OrderedEnqueuer": "tf.keras.utils.PyDataset",
        "tensorflow.keras.utils.SequenceEnqueuer": "tf.keras.utils.PyDataset",
        "tensorflow.keras.utils.experimental": "",
    },
    ("keras", "3.0", "pypi:keras, the sources in 2.15.0 and 3.0.5; run with 3.15.1"): {
        **{f"keras.backend.{name}": "keras.ops, or tf.keras.backend" for name in KERAS_BACKEND.split()},
        **{
            f"keras.{of}.{name}": "the long names (mean_absolute_error, ...)"
            for of in ("losses", "metrics")
            for name in KERAS_LOSSES.split()
        },
        **{
            f"keras.preprocessing.image.{name}": "tf.keras.preprocessing.image, or keras.utils.image_dataset_from_directory"
            for name in KERAS_IMAGES.split()
        },
        **{
            f"keras.preprocessing.sequence.{name}": "tf.keras.preprocessing.sequence, or keras.utils.timeseries_dataset_from_array"
            for name in ('TimeseriesGenerator', 'make_sampling_table', 'skipgrams')
        },
        "keras.callbacks.BaseLogger": "",
        "keras.callbacks.SidecarEvaluatorModelExport": "",
        "keras.callbacks.experimental": "keras.callbacks",
        "keras.constraints.RadialConstraint": "",
        "keras.constraints.radial_constraint": "",
        "keras.estimator": "",
        "keras.experimental": "keras.optimizers.schedules",
        "keras.layers.AbstractRNNCell": "keras.layers.Layer",
        "keras.layers.DenseFeatures": "",
        "keras.layers.LocallyConnected1D": "",
        "keras.layers.LocallyConnected2D": "",
        "keras.layers.RandomHeight": "",
        "keras.layers.RandomWidth": "",
        "keras.layers.ThresholdedReLU": "keras.layers.ReLU(threshold=)",
        "keras.layers.experimental": "keras.layers",
        "keras.losses.Reduction": 'reduction="sum_over_batch_size"',
        "keras.metrics.MeanRelativeError": "",
        "keras.metrics.MeanTensor": "",
        "keras.metrics.experimental": "",
        "keras.models.experimental": "",
        "keras.models.model_from_config": "keras.saving.deserialize_keras_object",
        "keras.models.model_from_yaml": "keras.models.model_from_json",
        "keras.optimizers.experimental": "keras.optimizers",
        "keras.optimizers.legacy.Adadelta": "keras.optimizers",
        "keras.optimizers.legacy.Adamax": "keras.optimizers",
        "keras.optimizers.legacy.Nadam": "keras.optimizers",
        "keras.preprocessing.text": "keras.layers.TextVectorization, or tf.keras.preprocessing.text",
        "keras.utils.GeneratorEnqueuer": "keras.utils.PyDataset",
        "keras.utils.OrderedEnqueuer": "keras.utils.PyDataset",
        "keras.utils.SequenceEnqueuer": "keras.utils.PyDataset",
        "keras.utils.SidecarEvaluator": "",
        "keras.utils.StepsPerExecutionTuner": "",
        "keras.utils.TimedThread": "",
        "keras.utils.experimental": "",
        "keras.utils.to_ordinal": "",
        "keras.utils.warmstart_embedding_matrix": "",
    },
    ("numpy", "1.24", f"{NUMPY}1.24.0-notes.html"): {
        "numpy.float": "float", "numpy.int": "int", "numpy.bool": "bool", "numpy.object": "object", "numpy.str": "str",
        "numpy.complex": "complex", "numpy.typeDict": "",
    },
    ("numpy", "2.0", f"{NUMPY}2.0.0-notes.html"): {
        "numpy.float_": "numpy.float64", "numpy.NaN": "numpy.nan", "numpy.Inf": "numpy.inf", "numpy.Infinity": "numpy.inf",
        "numpy.string_": "numpy.bytes_", "numpy.unicode_": "numpy.str_", "numpy.product": "numpy.prod",
        "numpy.cumproduct": "numpy.cumprod", "numpy.asfarray": "numpy.asarray", "numpy.sometrue": "numpy.any",
        "numpy.alltrue": "numpy.all", "numpy.round_": "numpy.round", "numpy.complex_": "numpy.complex128",
        "numpy.find_common_type": "numpy.result_type", "numpy.cast": "numpy.asarray", "numpy.mat": "numpy.asmatrix",
        "numpy.msort": "numpy.sort",
    },
    ("openvino", "2026.0", "pypi:openvino, 2025.4.1 has the folder openvino/runtime, 2026.0.0 none"): {"openvino.runtime": "openvino"},
    ("tensorrt", "11.0", TENSORRT11): {
        "tensorrt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH": "create_network(): every batch is explicit",
        **{f"tensorrt.BuilderFlag.{name}": "a model that is in these types (ModelOpt AutoCast)" for name in ("BF16", "FP16")},
        **{f"tensorrt.BuilderFlag.{name}": _QDQ for name in ("FP4", "FP8", "INT4", "INT8")},
        **{
            f"tensorrt.BuilderFlag.{name}_PRECISION_CONSTRAINTS": "no flag: the types are always those of the model"
            for name in ("OBEY", "PREFER")
        },
        "tensorrt.Builder().create_builder_config().int8_calibrator": _QDQ,
        **{f"tensorrt.IInt8{name}": _QDQ for name in ("EntropyCalibrator", "EntropyCalibrator2", "LegacyCalibrator", "MinMaxCalibrator")},
    },
    ("tensorrt", "10.0", TENSORRT): {
        "tensorrt.BuilderFlag.STRICT_TYPES": "BuilderFlag.OBEY_PRECISION_CONSTRAINTS",
        f"{_ENGINE}.get_profile_shape": "get_tensor_profile_shape",
        "tensorrt.Builder().build_engine": "build_serialized_network",
        "tensorrt.Builder().max_batch_size": "the explicit batch dimension of the network",
        "tensorrt.Builder().create_builder_config().max_workspace_size": "set_memory_pool_limit(MemoryPoolType.WORKSPACE, ...)",
        **{
            f"{_ENGINE}.{name}": _TENSORS
            for name in (
                "binding_is_input", "get_binding_dtype", "get_binding_index", "get_binding_name", "get_binding_shape",
            )
        },
        f"{_ENGINE}.create_execution_context().execute": "execute_v2",
        f"{_ENGINE}.create_execution_context().execute_async": "execute_async_v3",
        f"{_ENGINE}.create_execution_context().execute_async_v2": "execute_async_v3",
        f"{_ENGINE}.create_execution_context().set_binding_shape": "set_input_shape",
        f"{_ENGINE}.create_execution_context().get_binding_shape": "get_tensor_shape",
    },
    ("transformers", "5.0", TRANSFORMERS): {
        "transformers.onnx": "optimum.exporters.onnx",
        "transformers.convert_graph_to_onnx": "optimum.exporters.onnx",
        "transformers.AutoModelWithLMHead": "AutoModelForCausalLM, AutoModelForMaskedLM or AutoModelForSeq2SeqLM",
        "transformers.AutoModelForVision2Seq": "AutoModelForImageTextToText",
        **{
            f"transformers.{prefix}{name}": f"{name}: only PyTorch is left"
            for prefix in ("TF", "Flax")
            for name in (
                "AutoModel", "AutoModelForSequenceClassification", "AutoModelForTokenClassification", "AutoModelForQuestionAnswering",
                "AutoModelForCausalLM", "AutoModelForMaskedLM", "AutoModelForSeq2SeqLM", "BertModel", "BertForSequenceClassification",
                "DistilBertModel", "DistilBertForSequenceClassification", "RobertaModel", "RobertaForSequenceClassification",
                "GPT2LMHeadModel", "T5ForConditionalGeneration", "ViTModel", "ViTForImageClassification",
            )
        },
    },
}  # fmt: skip
"""By package, first release without them, and where that is said."""


BACK = {"numpy.bool": "2.0"}
"""Names that a still later release has again."""

BROUGHT_BY = {"the package optimum-onnx": "optimum-onnx optimum-intel"}
"""Packages that bring the names with such a replacement into the same namespace (optimum-intel 1.27 requires optimum-onnx)."""


class Unknown(Exception):
    """The sources do not tell."""


class Sources:
    """The Python files of one wheel."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.trees: dict[str, ast.Module] = {}

    def file(self, module: str) -> str | None:
        stem = module.replace(".", "/")
        return next((path for path in (f"{stem}/__init__.py", f"{stem}.py", f"{stem}.pyi") if path in self.texts), None)

    def tree(self, path: str) -> ast.Module:
        if path not in self.trees:
            self.trees[path] = ast.parse(self.texts[path])
        return self.trees[path]

    def has(self, name: str) -> bool:
        """Is there something of that dotted name, or a parameter (``f(name=)``)?"""
        name, _, parameter = name.partition("(")
        found = self.find(name, 0)
        if found is None:
            return False
        if not parameter:
            return True
        if not isinstance(found, ast.FunctionDef | ast.ClassDef):
            raise Unknown(f"{name} is no function")
        return parameter.rstrip("=)") in self.parameters(found)

    def parameters(self, node: ast.FunctionDef | ast.ClassDef) -> set[str]:
        if isinstance(node, ast.ClassDef):
            own = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
            if not own:
                raise Unknown(f"{node.name} has no constructor of its own")
            node = own[0]
        return {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}

    def find(self, name: str, depth: int) -> ast.AST | None:
        """The definition, the module, or whatever binds `name`; None if nothing does."""
        if depth > 8:
            raise Unknown(f"{name}: too many imports to follow")
        parts = name.split(".")
        for cut in range(len(parts), 0, -1):
            path = self.file(".".join(parts[:cut]))
            if path is None:
                continue
            if cut == len(parts):
                return self.tree(path)
            return self.within(path, ".".join(parts[:cut]), parts[cut:], depth)
        if any(path.startswith(name.replace(".", "/") + "/") for path in self.texts):
            return ast.Module([], [])
        return None

    def within(self, path: str, module: str, rest: list[str], depth: int) -> ast.AST | None:
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        star: list[str] = []
        lazy: list[ast.AST] = []
        for node in ast.walk(self.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) and node.name == rest[0]:
                if len(rest) == 1:
                    return node
                members = [m for m in ast.walk(node) if isinstance(m, ast.FunctionDef) and m.name == rest[1]]
                return members[0] if members else None
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(t, ast.Name) and t.id == rest[0] for t in targets):
                    return node
                listed = isinstance(node.value, ast.Dict | ast.List | ast.Tuple) and path.endswith("__init__.py") and len(rest) == 1
                # What lazy packages list: `_import_structure`.
                if listed and any(isinstance(n, ast.Constant) and n.value == rest[0] for n in ast.walk(node)):
                    lazy.append(node)
            if isinstance(node, ast.ImportFrom):
                base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    if alias.name == "*":
                        star += [source] if self.file(source) else []
                    elif (alias.asname or alias.name) == rest[0]:
                        inner = self.find(".".join([source, alias.name, *rest[1:]]), depth + 1)
                        if inner is not None or source.split(".")[0] == module.split(".")[0]:
                            return inner
                        return node
            if isinstance(node, ast.Import) and any((a.asname or a.name) == rest[0] for a in node.names):
                return node
        for source in star:
            found = self.find(".".join([source, *rest]), depth + 1)
            if found is not None:
                return found
        if lazy:
            return lazy[0]
        if len(rest) == 1 and re.search(rf"\b{rest[0]}\b", self.texts[path]):
            raise Unknown(f"{module} mentions {rest[0]}")
        return None


class Members(Mapping[str, str]):
    """The Python files in a wheel or an archive of sources, read when asked for: of a wheel only those are fetched."""

    def __init__(self, url: str) -> None:
        if url.endswith(".whl"):
            self.archive: Any = RemoteZip(url)
            names = self.archive.namelist()
        else:
            with tarfile.open(fileobj=io.BytesIO(fetch(url))) as tar:
                files = {info.name: tar.extractfile(info) for info in tar if info.name.endswith(".py")}
                texts = {name: file.read() for name, file in files.items() if file is not None}
            self.archive = None
            names = list(texts)
            self.read = texts
        self.paths = {re.sub(r"^.*\.data/(?:purelib|platlib)/", "", name): name for name in names if name.endswith((".py", ".pyi"))}
        if self.archive is None:
            self.paths = {name.partition("/")[2].removeprefix("src/"): name for name in names}

    def __getitem__(self, path: str) -> str:
        name = self.paths[path]
        data = self.read[name] if self.archive is None else self.archive.read(name)
        return str(data.decode("utf-8", "replace"))

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self.paths


@lru_cache(maxsize=1)
def sources(package: str, version: str) -> Sources:
    """The Python files of one release: of its smallest wheel, or of the archive of its sources."""
    files = [file for file in released(package) if file.version == version]
    wheels = sorted((file for file in files if file.name.endswith(".whl")), key=lambda file: file.size)
    chosen = (wheels or [file for file in files if file.name.endswith(".tar.gz")])[0]
    return Sources(Members(chosen.url))


def rows(package: str) -> list[dict[str, str]]:
    """A row for each name that the last release no longer has."""
    library = LIBRARIES[package]
    releases = library.releases.split()
    there: dict[str, list[bool | None]] = {name: [] for name in library.names}
    for release in releases:
        texts = sources(package, release)
        for name in library.names:
            try:
                there[name].append(texts.has(name.rpartition(" @ ")[2]))
            except (Unknown, SyntaxError) as error:
                print(f"{package} {release}: {error}", file=sys.stderr)
                there[name].append(None)
        print(package, release, sum(map(bool, (t[-1] for t in there.values()))), file=sys.stderr)
    found = []
    for name, having in there.items():
        if True not in having or having[-1] is not False:
            print(f"no row: {name} {['-' if h is None else int(h) for h in having]}", file=sys.stderr)
            continue
        last = max(index for index, has in enumerate(having) if has is not False)
        until = releases[last + 1]
        row = {
            "package": package,
            "name": name.partition(" @ ")[0],
            "until": ".".join(until.split(".")[:2]),
            "replacement": library.names[name],
        }
        found.append(row | {"source": f"pypi:{package}, the sources in {releases[last]} and {until}"})
    return found


def main() -> None:
    chosen = [name for name in LIBRARIES if name in sys.argv] if sys.argv[1:] else [*LIBRARIES]
    kept: list[dict[str, Any]] = json.loads(DATA.read_text())["rows"] if DATA.exists() else []
    written = {name for names in DOCUMENTED.values() for name in names}
    made = [row for row in kept if row["package"] in LIBRARIES and row["package"] not in chosen and row["name"] not in written]
    for package in chosen:
        made += rows(package)
    for (package, until, source), names in DOCUMENTED.items():
        made += [
            {"package": package, "name": name, "until": until, "replacement": instead, "source": source} for name, instead in names.items()
        ]
    made.sort(key=lambda row: (row["package"], row["name"]))
    made = [row | {"back": BACK[row["name"]]} if row["name"] in BACK else row for row in made]
    made = [row | {"brought_by": BROUGHT_BY[row["replacement"]]} if row["replacement"] in BROUGHT_BY else row for row in made]
    meta = {
        "what": "names and parameters that a later release of a library no longer has; until = first release without it, "
        "back = first that has it again",
        "source": "the sources in released wheels, read by tools/api_history.py; documents where a row names one",
        "date": datetime.date.today().isoformat(),
    }
    lines = ",\n".join("  " + json.dumps(row) for row in made)
    DATA.write_text(f'{{"meta": {json.dumps(meta)},\n"rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
