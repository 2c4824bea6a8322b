"""What model servers are told about models: Triton's ``config.pbtxt``, TensorFlow Serving's ``models.config`` and batching parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.text import number, small
from deplint.settings.textproto import Message, parse

DTYPES: Mapping[str, str] = {
    "TYPE_BOOL": "bool", "TYPE_UINT8": "uint8", "TYPE_UINT16": "uint16", "TYPE_UINT32": "uint32", "TYPE_UINT64": "uint64",
    "TYPE_INT8": "int8", "TYPE_INT16": "int16", "TYPE_INT32": "int32", "TYPE_INT64": "int64",
    "TYPE_FP16": "float16", "TYPE_FP32": "float32", "TYPE_FP64": "float64", "TYPE_BF16": "bfloat16", "TYPE_STRING": "string",
}  # fmt: skip
"""Triton's data types in deplint's dtype names (model_config.proto of triton-inference-server/common)."""

CLIENT_DTYPES = {
    "FP64": "float64", "FP32": "float32", "FP16": "float16", "UINT8": "uint8", "INT8": "int8", "INT16": "int16", "INT32": "int32",
    "INT64": "int64", "BOOL": "bool",
}  # fmt: skip
"""What clients call the types of tensors, without those that NumPy has no like of."""


@dataclass
class TritonTensor:
    """An input or output. `dims` leave out the batch dimension if the model's `max_batch_size` is positive; -1 is any size."""

    place: Place
    name: str
    data_type: str
    dims: list[int]
    dims_place: Place
    reshape: list[int] | None = None
    optional: bool = False
    format: str = ""

    @property
    def dtype(self) -> str:
        """`data_type` in deplint's names; empty if it is none of Triton's."""
        return DTYPES.get(self.data_type, "")


@dataclass
class EnsembleStep:
    """A model an ensemble runs. `inputs` and `outputs` map the model's tensor names to the ensemble's."""

    place: Place
    model: str
    version: int
    inputs: dict[str, str]
    outputs: dict[str, str]


@dataclass
class DynamicBatching:
    place: Place
    preferred: list[int]
    max_queue_delay_us: int


@dataclass
class InstanceGroup:
    """`kind` is as written (``KIND_GPU``, ``KIND_CPU``); empty or ``KIND_AUTO``: GPU if there is one. `count` 0: the server's choice."""

    place: Place
    kind: str
    count: int
    gpus: list[int]


@dataclass
class TritonConfig:
    """A model's ``config.pbtxt``. Strings are empty and `max_batch_size` is 0 where not written. `message` is all of the file."""

    path: str
    message: Message
    name: str = ""
    platform: str = ""
    backend: str = ""
    default_model_filename: str = ""
    max_batch_size: int | None = 0
    inputs: list[TritonTensor] = field(default_factory=list)
    outputs: list[TritonTensor] = field(default_factory=list)
    dynamic_batching: DynamicBatching | None = None
    sequence_batching: bool = False
    controls: list[str] = field(default_factory=list)
    """The names of the inputs by which the sequence batcher tells where a sequence starts, ends and whose it is."""
    decoupled: bool = False
    steps: list[EnsembleStep] = field(default_factory=list)
    instance_groups: list[InstanceGroup] = field(default_factory=list)
    version_policy: str = ""
    """``latest``, ``all`` or ``specific``; empty where not written (then the server loads the latest)."""
    versions: list[int] = field(default_factory=list)
    """The versions of policy ``specific``."""

    @property
    def place(self) -> Place:
        return Place(self.path)

    def at(self, name: str) -> Place:
        """Where a field is written; the file if it is not."""
        values = self.message.fields.get(name)
        return values[0].place if values else self.place


_TEMPLATE = re.compile(r"\$\{|\{\{|\{%")


def read_triton(file: File) -> list[TritonConfig]:
    """Triton's ``config.pbtxt``; nothing for a template of one."""
    text = small(file)
    try:
        message = parse(file.shown, text)
    except Unreadable:
        if _TEMPLATE.search(text) or "template" in file.name.lower():
            return []
        raise
    return [_config(file, message)]


def _config(file: File, message: Message) -> TritonConfig:
    config = TritonConfig(file.shown, message)
    for name in ("name", "platform", "backend", "default_model_filename"):
        setattr(config, name, message.text(name))
    config.max_batch_size = message.integer("max_batch_size") if message.word("max_batch_size") else 0
    config.inputs = [_tensor(tensor) for tensor in message.all("input")]
    config.outputs = [_tensor(tensor) for tensor in message.all("output")]
    batching = message.get("dynamic_batching")
    if batching:
        delay = batching.integer("max_queue_delay_microseconds") or 0
        config.dynamic_batching = DynamicBatching(batching.place, batching.integers("preferred_batch_size"), delay)
    config.sequence_batching = message.get("sequence_batching") is not None
    config.controls = [control.text("name") for batcher in message.all("sequence_batching") for control in batcher.all("control_input")]
    config.decoupled = any(policy.text("decoupled") in ("true", "True", "t", "1") for policy in message.all("model_transaction_policy"))
    for scheduling in message.all("ensemble_scheduling"):
        for step in scheduling.all("step"):
            version = step.integer("model_version")
            inputs, outputs = _map(step, "input_map"), _map(step, "output_map")
            config.steps.append(EnsembleStep(step.place, step.text("model_name"), -1 if version is None else version, inputs, outputs))
    for group in message.all("instance_group"):
        config.instance_groups.append(InstanceGroup(group.place, group.text("kind"), group.integer("count") or 0, group.integers("gpus")))
    policy = message.get("version_policy")
    if policy:
        config.version_policy = next((kind for kind in ("latest", "all", "specific") if kind in policy.fields), "")
        config.versions = [version for specific in policy.all("specific") for version in specific.integers("versions")]
    return config


def _tensor(message: Message) -> TritonTensor:
    dims, reshape = message.fields.get("dims"), message.get("reshape")
    return TritonTensor(
        message.place,
        message.text("name"),
        message.text("data_type"),
        message.integers("dims"),
        dims[0].place if dims else message.place,
        reshape.integers("shape") if reshape else None,
        message.text("optional") == "true",
        message.text("format"),
    )


def _map(message: Message, name: str) -> dict[str, str]:
    return {entry.text("key"): entry.text("value") for entry in message.all(name)}


@dataclass
class ServedModel:
    """A model in TensorFlow Serving's list. `policy` is ``latest`` (also where not written; the last `kept` versions), ``all`` or
    ``specific`` with `versions`."""

    place: Place
    name: str
    base_path: str
    base_path_place: Place
    platform: str
    policy: str
    versions: list[int]
    labels: dict[str, int]
    labels_place: Place | None = None
    kept: int = 1


@dataclass
class ServingModels:
    """TensorFlow Serving's ``--model_config_file``."""

    path: str
    models: list[ServedModel] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_serving(file: File) -> ServingModels:
    """TensorFlow Serving's ``models.config``."""
    message = parse(file.shown, small(file))
    if not message.all("model_config_list"):
        raise Unreadable("protobuf text without a model_config_list")
    found = ServingModels(file.shown)
    for listed in message.all("model_config_list"):
        for config in listed.all("config"):
            policy = config.get("model_version_policy")
            kinds = [kind for kind in ("all", "specific", "latest") if policy and kind in policy.fields]
            path = config.word("base_path")
            labels = {name: number(value) or 0 for name, value in _map(config, "version_labels").items()}
            found.models.append(
                ServedModel(
                    config.place,
                    config.text("name"),
                    config.text("base_path"),
                    path.place if path else config.place,
                    config.text("model_platform") or config.text("model_type").lower(),
                    kinds[0] if kinds else "latest",
                    [v for specific in (policy.all("specific") if policy else ()) for v in specific.integers("versions")],
                    labels,
                    next((label.place for label in config.all("version_labels")), None),
                    max([latest.integer("num_versions") or 1 for latest in (policy.all("latest") if policy else ())], default=1),
                )
            )
    return found


@dataclass
class BatchingParameters:
    """TensorFlow Serving's ``--batching_parameters_file``; `message` is all of it."""

    path: str
    message: Message

    @property
    def place(self) -> Place:
        return Place(self.path)


def read_batching(file: File) -> BatchingParameters:
    """TensorFlow Serving's batching parameters."""
    return BatchingParameters(file.shown, parse(file.shown, small(file)))


@dataclass
class Monitoring:
    """TensorFlow Serving's ``--monitoring_config_file``. `metrics` is the path at which Prometheus is answered, empty where it is not."""

    path: str
    metrics: str

    @property
    def place(self) -> Place:
        return Place(self.path)


METRICS = "/monitoring/prometheus/metrics"
"""Where TensorFlow Serving answers Prometheus unless it is told otherwise."""


def read_monitoring(file: File) -> Monitoring:
    """TensorFlow Serving's monitoring settings."""
    prometheus = parse(file.shown, small(file)).get("prometheus_config")
    enabled = prometheus is not None and prometheus.text("enable").lower() in ("true", "t", "1")
    return Monitoring(file.shown, (prometheus.text("path") or METRICS) if prometheus and enabled else "")
