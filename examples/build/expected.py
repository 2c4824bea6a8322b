"""Write examples/expected.json: what is wrong in the three faulty projects, and where.

An entry names the rule by its number and slug in the taxonomy's catalogue. A place in a text file is found by its words, so
that the line numbers follow the files: "line" is where a finding belongs, "lines" are all places that would do as well
(the catalogue does not say whether a converter's fault sits at the option or at the conversion). A fault of a model has
a "location" in words instead. "related" names the other files that take part. "proof" tells whether the failure was seen with
the real library (prove.py repeats that) or is taken from the documentation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from common import EXAMPLES


DEPLINT = {
    "R008": "DPL407",
    "R012": "DPL401",
    "R013": "DPL402",
    "R014": "DPL403",
    "R022": "DPL404",
    "R024": "DPL604",
    "R041": "DPL507",
    "R043": "DPL501",
    "R044": "DPL502",
    "R050": "DPL504",
    "R051": "DPL505",
    "R053": "DPL506",
    "R061": "DPL405",
    "R067": "DPL503",
    "R087": "DPL605",
    "R089": "DPL601",
    "R103": "DPL606",
    "R106": "DPL602",
    "R122": "DPL408",
    "R144": "DPL102",
    "R145": "DPL101",
    "R149": "DPL103",
    "R157": "DPL301",
    "R159": "DPL104",
    "R160": "DPL302",
    "R161": "DPL303",
    "R162": "DPL201",
    "R163": "DPL202",
    "R164": "DPL203",
    "R167": "DPL406",
    "R173": "DPL304",
    "R174": "DPL305",
    "R179": "DPL701",
    "R181": "DPL702",
    "R183": "DPL703",
    "R188": "DPL704",
    "R189": "DPL705",
    "R192": "DPL706",
    "R233": "DPL410",
    "R236": "DPL106",
    "R241": "DPL105",
    "R249": "DPL806",
    "R254": "DPL807",
    "R255": "DPL802",
    "R261": "DPL804",
    "R270": "DPL801",
    "R280": "DPL808",
    "R281": "DPL809",
    "R284": "DPL805",
}
"""deplint's rule for a catalogue's candidate; R025 is one rule in Python and another in JavaScript."""


@dataclass(frozen=True)
class Fault:
    rule: str
    slug: str
    family: str
    path: str
    words: tuple[str, ...] = ()
    location: str = ""
    related: tuple[str, ...] = ()
    proof: str = "executed"
    why: str = ""

    def lines(self) -> Iterator[int]:
        """Yield the 1-based line of each of the words; "words@2" means their second occurrence."""
        text = (EXAMPLES / self.path).read_text().splitlines()
        for words in self.words:
            wanted, _, nth = words.partition("@@")
            found = [number for number, line in enumerate(text, 1) if wanted in line]
            if len(found) < int(nth or 1) or (not nth and len(found) > 1):
                raise SystemExit(f"{self.path}: {wanted!r} found on lines {found}")
            yield found[int(nth or 1) - 1]

    def entry(self) -> dict[str, Any]:
        own = DEPLINT.get(self.rule) or ("DPL803" if self.path.endswith(".js") else "DPL603")
        entry: dict[str, Any] = {"path": self.path, "deplint": own, "rule": self.rule, "slug": self.slug, "family": self.family}
        if self.words:
            lines = list(self.lines())
            entry |= {"line": lines[0], "lines": sorted(lines)}
        else:
            entry |= {"location": self.location}
        for path in (self.path, *self.related):
            if not (EXAMPLES / path).exists():
                raise SystemExit(f"no file {path}")
        return entry | {"related": list(self.related), "proof": self.proof, "why": self.why}


ASSETS = "mobile/android/app/src/main/assets"
KOTLIN = "mobile/android/app/src/main/java/org/leafdoctor"
WEB = "browser/public/models"

FAULTS = [
    # server
    Fault(
        "R012", "keras3-save-to-directory", "export", "server/training/train_labels.py", ('model.save(str(MODELS / "labels"',),
        why="Keras 3 raises 'Invalid filepath extension for saving'; a served model is written with model.export().",
    ),
    Fault(
        "R013", "keras3-load-model-on-savedmodel", "export", "server/training/warm_start.py", ("load_model(SERVED)",),
        related=("server/serving/models/labels/1/saved_model.pb",),
        why="Keras 3 raises 'File format not supported': load_model() does not read SavedModel folders.",
    ),
    Fault(
        "R014", "removed-tf-export-api", "export", "server/training/export_routing.py", ("tf.saved_model.simple_save(",),
        why="tf.saved_model.simple_save does not exist in TensorFlow 2 (AttributeError).",
    ),
    Fault(
        "R160", "onnx-unsupported-aten-op", "operators", "server/training/export_conveyor.py", ("torch.onnx.export(",),
        related=("server/training/torch_models.py",),
        why="ConveyorNet.forward calls torch.median, which has no ONNX translation: 'No ONNX function found for ...'.",
    ),
    Fault(
        "R122", "export-in-training-mode", "export", "server/training/export_embedder.py",
        ("torch.onnx.export(", "model = Embedder()"),
        related=("server/triton/model_repository/embedder/1/model.onnx",),
        why="The model is exported without eval(): its Dropout stays on, and the same crop gets another answer every time.",
    ),
    Fault(
        "R022", "savedmodel-without-signature", "export", "server/serving/models/address/1/saved_model.pb",
        location="signature_def: only __saved_model_init_op", related=("server/training/export_address.py",),
        why="The module was saved without signatures= and its function has no input_signature: nothing can be requested.",
    ),
    Fault(
        "R043", "server-older-than-model", "environment", "server/serving/Dockerfile", ("FROM tensorflow/serving:2.14.1",),
        related=("server/serving/models/photos/1/saved_model.pb",),
        why="The models are stamped 2.21.0; photos uses DecodeWebP, unknown to 2.14: 'Op type not registered' when called.",
    ),
    Fault(
        "R051", "tfs-base-path-not-version-parent", "serving", "server/serving/models.config",
        ('base_path: "/models/labels/1"',), proof="documented",
        why="base_path has to be the parent of the numbered version folders.",
    ),
    Fault(
        "R050", "tfs-model-name-mount-mismatch", "serving", "server/serving/run_local.sh",
        ("docker run --rm", ":/models/labels:ro", "tensorflow/serving:2.21.0"), proof="documented",
        why="The model is mounted at /models/labels but MODEL_NAME is not set, so the server looks in /models/model.",
    ),
    Fault(
        "R053", "tfs-port-protocol-mixup", "request", "server/clients/rest_client.py", ("localhost:8500/v1/models",),
        related=("server/docker-compose.yml",), proof="documented", why="8500 speaks gRPC; REST is on 8501.",
    ),
    Fault(
        "R089", "ndarray-or-bytes-in-json", "request", "server/clients/rest_client.py", ('json.dumps({"instances": batch})',),
        why="'Object of type ndarray is not JSON serializable'.",
    ),
    Fault(
        "R103", "b64-sent-to-numeric-input", "request", "server/clients/scanner.py",
        ('body = {"instances": [{"b64": encode(path)}]}@@2', "/v1/models/labels:predict"),
        related=("server/serving/models/labels/1/saved_model.pb",), proof="documented",
        why="The labels model takes float pixels [-1,32,32,3], not encoded bytes (photos does, and is right).",
    ),
    Fault(
        "R087", "tfs-body-missing-instances", "request", "server/clients/nightly.py", ('json={"data": rows}',),
        proof="documented", why="A :predict body needs exactly one of 'instances' and 'inputs'.",
    ),
    Fault(
        "R024", "signature-key-mismatch", "request", "server/clients/grpc_client.py", ('signature_name = "predict_images"',),
        related=("server/serving/models/labels/1/saved_model.pb",), proof="documented",
        why="The labels model has the signatures 'serve' and 'serving_default'.",
    ),
    Fault(
        "R025", "input-name-mismatch", "request", "server/clients/grpc_client.py", ('request.inputs["images"]',),
        related=("server/serving/models/labels/1/saved_model.pb",), proof="documented",
        why="The labels model's input is called 'image'.",
    ),
    Fault(
        "R041", "thin-client-pulls-tensorflow", "environment", "server/clients/requirements.txt", ("tensorflow-serving-api",),
        proof="documented", why="tensorflow-serving-api installs the whole of TensorFlow on the scanners.",
    ),
    Fault(
        "R067", "fixed-batch-vs-server-batching", "serving", "server/triton/model_repository/damage/config.pbtxt",
        ("max_batch_size: 8",),
        related=("server/triton/model_repository/damage/1/model.onnx", "server/training/export_damage.py"),
        why="The model's batch is fixed to 1 ('Got invalid dimensions for input: image ... Got: 2 Expected: 1').",
    ),
    Fault(
        "R061", "onnx-external-data-not-shipped", "artefact", "server/triton/model_repository/embedder/1/model.onnx",
        location="initializers with external data in model.onnx.data", related=("server/.gitignore",),
        why="model.onnx.data is not there ('External data path does not exist'); the project's .gitignore drops *.data.",
    ),
    Fault(
        "R044", "onnx-newer-than-runtime", "environment", "server/api/models/weight.onnx",
        location="ir_version 10, opset 20", related=("server/api/requirements.txt",),
        why="onnxruntime 1.16.3 reads IR version 9 and opset 19 at most ('Unsupported model IR version: 10').",
    ),
    Fault(
        "R106", "float64-to-float32-model", "request", "server/api/app.py", ("weight.run(", "/ 255.0@@1"),
        related=("server/api/models/weight.onnx",),
        why="np.array(...) / 255.0 is float64: 'Unexpected input data type. Actual: (tensor(double))'.",
    ),
    Fault(
        "R008", "git-lfs-pointer-as-model", "artefact", "server/api/models/barcode.onnx", location="the whole file",
        related=("server/api/app.py",), why="Only the Git LFS pointer is there: 'Protobuf parsing failed'.",
    ),
    # mobile
    Fault(
        "R162", "int8-without-representative-dataset", "quantization", "mobile/convert/leaf_int8.py",
        ("TFLITE_BUILTINS_INT8", "converter.convert()"),
        why="'For full integer quantization, a `representative_dataset` must be specified.'",
    ),
    Fault(
        "R163", "quantization-silently-off", "quantization", "mobile/convert/pest_float16.py",
        ("supported_types = [tf.float16]", "converter.convert()"),
        why="Without optimizations the file stays float32, twice the size, and nothing is said.",
    ),
    Fault(
        "R164", "integer-io-without-int-quant", "quantization", "mobile/convert/ripeness_uint8.py",
        ("inference_input_type = tf.uint8", "converter.convert()"),
        why="'The inference_input_type and inference_output_type must be tf.float32.'",
    ),
    Fault(
        "R145", "unknown-converter-attribute", "quantization", "mobile/convert/soil_int8.py", ("representative_datasets",),
        why="The attribute is called representative_dataset; the misspelt one is accepted and ignored.",
    ),
    Fault(
        "R144", "removed-lite-api", "conversion", "mobile/convert/legacy_batch.py", ("from_keras_model_file",),
        why="TFLiteConverterV2 has no from_keras_model_file (AttributeError).",
    ),
    Fault(
        "R159", "keras-rnn-dynamic-batch-tflite", "conversion", "mobile/convert/watering.py",
        ("converter.convert()", "from_keras_model(model)"), related=("mobile/convert/keras_models.py",),
        why="An LSTM with an open batch: 'Lowering tensor list ops is failed'.",
    ),
    Fault(
        "R157", "tflite-needs-select-tf-ops", "operators", "mobile/convert/symptoms.py",
        ("converter.convert()", "tf.image.crop_and_resize"),
        why="CropAndResize is not a builtin: 'ERROR_NEEDS_FLEX_OPS'; the shipped file was made with SELECT_TF_OPS.",
    ),
    Fault(
        "R174", "custom-op-not-registered", "operators", f"{ASSETS}/harvest_interval.tflite", location="custom op Erfinv",
        related=("mobile/convert/harvest_interval.py", f"{KOTLIN}/HarvestEstimator.java"),
        why="Nothing registers it: 'Encountered unresolved custom op: Erfinv'.",
    ),
    Fault(
        "R149", "mlprogram-saved-as-mlmodel", "conversion", "mobile/convert/segmenter_coreml.py", ("LeafSegmenter.mlmodel",),
        why="'For an ML Program, extension must be .mlpackage (not .mlmodel).'",
    ),
    Fault(
        "R161", "coreml-unsupported-op", "operators", "mobile/convert/texture_coreml.py", ("ct.convert(",),
        related=("mobile/convert/torch_models.py",),
        why="TextureNet.forward calls torch.quantile: \"PyTorch convert function for op 'quantile' not implemented\".",
    ),
    Fault(
        "R173", "flex-runtime-missing", "operators", f"{ASSETS}/symptoms.tflite", location="custom op FlexCropAndResize",
        related=("mobile/android/app/build.gradle.kts", f"{KOTLIN}/SymptomFinder.kt"),
        why="Gradle lacks tensorflow-lite-select-tf-ops: 'Select TensorFlow op(s) ... not supported by this interpreter'.",
    ),
    Fault(
        "R173", "flex-runtime-missing", "operators", "mobile/ios/LeafDoctor/Models/symptoms.tflite",
        location="custom op FlexCropAndResize", related=("mobile/ios/Podfile", "mobile/ios/LeafDoctor/SymptomFinder.swift"),
        why="The Podfile lacks TensorFlowLiteSelectTfOps.",
    ),
    Fault(
        "R179", "model-asset-compressed", "app", f"{KOTLIN}/WateringAdvisor.kt", ("watering.lite",),
        related=("mobile/android/app/build.gradle.kts", f"{ASSETS}/watering.lite", f"{KOTLIN}/ModelFiles.kt"), proof="documented",
        why="openFd() needs an uncompressed asset; the build leaves .tflite alone, but compresses .lite.",
    ),
    Fault(
        "R181", "tflite-and-litert-both", "build", "mobile/android/app/build.gradle.kts",
        ("com.google.ai.edge.litert:litert:1.4.0", "org.tensorflow:tensorflow-lite:2.16.1"), proof="documented",
        why="Both bring the package org.tensorflow.lite: duplicate classes.",
    ),
    Fault(
        "R183", "native-lib-16kb-page", "build", "mobile/android/app/build.gradle.kts",
        ("org.tensorflow:tensorflow-lite:2.16.1", "targetSdk = 35"), proof="documented",
        why="With targetSdk 35 the native library has to be aligned to 16 KB pages; 2.16.1 is not.",
    ),
    Fault(
        "R188", "input-size-constant-mismatch", "app", f"{KOTLIN}/LeafClassifier.kt", ("const val INPUT_SIZE = 224",),
        related=(f"{ASSETS}/leaf_int8.tflite",), why="The model takes [1,96,96,3].",
    ),
    Fault(
        "R189", "bytebuffer-capacity", "app", f"{KOTLIN}/PestClassifier.kt", ("ByteBuffer.allocateDirect(",),
        related=(f"{ASSETS}/pest_uint8.tflite",), why="49152 bytes for an input of 12288.",
    ),
    Fault(
        "R192", "quantized-flag-vs-model", "app", f"{KOTLIN}/PestClassifier.kt", ("const val IS_QUANTIZED = false", "putFloat"),
        related=(f"{ASSETS}/pest_uint8.tflite",), why="The model's input is uint8.",
    ),
    Fault(
        "R167", "artifact-magic-mismatch", "artefact", f"{ASSETS}/ripeness.tflite", location="the whole file",
        related=(f"{KOTLIN}/RipenessClassifier.kt",), why="A saved error page: HTML, no TFL3 at byte 4.",
    ),
    # browser
    Fault(
        "R241", "keras3-saved-for-tfjs", "conversion", "browser/convert/export_hands.py", ("save_keras_model(",),
        related=(f"{WEB}/hands/model.json",),
        why="A Keras 3 model: TF.js 4.22 wants batchInputShape and finds batch_shape.",
    ),
    Fault(
        "R241", "keras3-saved-for-tfjs", "conversion", f"{WEB}/hands/model.json", location="InputLayer config.batch_shape",
        related=("browser/convert/export_hands.py", "browser/src/hands.js"),
        why="'An InputLayer should be passed either a `batchInputShape` or an `inputShape`.'",
    ),
    Fault(
        "R236", "tfjs-input-format-vs-path", "conversion", "browser/convert/convert.sh", ("exported/gesture.keras",),
        why="--input_format=tf_saved_model wants a folder; gesture.keras is a file ('SavedModel file does not exist').",
    ),
    Fault(
        "R254", "tfjs-package-skew", "environment", "browser/package.json", ("@tensorflow/tfjs-backend-wasm",),
        related=(f"{WEB}/lips/model.json",),
        why="tfjs 4.22.0 with the wasm backend of 3.21.0: 'Kernel 'Softplus' not registered for backend 'wasm''.",
    ),
    Fault(
        "R249", "backend-not-imported", "environment", "browser/src/backend.js", ("tf.setBackend('webgpu')",),
        why="@tensorflow/tfjs-backend-webgpu is not imported: 'Backend name 'webgpu' not found in registry'.",
    ),
    Fault(
        "R270", "model-promise-not-awaited", "app", "browser/src/gesture.js", ("model.predict(", "tf.loadGraphModel("),
        why="'model.predict is not a function': model is a promise.",
    ),
    Fault(
        "R261", "layers-vs-graph-loader", "app", "browser/src/pose.js", ("tf.loadLayersModel(",),
        related=(f"{WEB}/pose/model.json",),
        why="pose is a graph model: 'layer: Improper config format'.",
    ),
    Fault(
        "R281", "resize-size-mismatch", "app", "browser/src/palm.js", ("[64, 64]",), related=(f"{WEB}/palm/model.json",),
        why="The model takes [-1,32,32,3].",
    ),
    Fault(
        "R233", "tfjs-model-incomplete", "artefact", f"{WEB}/palm/model.json", location="weightsManifest: group1-shard2of2.bin",
        why="The second shard is not there.",
    ),
    Fault(
        "R280", "missing-batch-dimension", "app", "browser/src/lips.js", ("model.predict(image)",),
        related=(f"{WEB}/lips/model.json",),
        why="\"The shape of dict['image'] ... must be [-1,32,32,3], but was [32,32,3]\".",
    ),
    Fault(
        "R255", "tfjs-removed-api", "app", "browser/src/strokes.js", ("tf.fromPixels(",), related=("browser/package.json",),
        why="tf.fromPixels was removed in 1.0; it is tf.browser.fromPixels.",
    ),
    Fault(
        "R284", "ort-int64-typed-array", "app", "browser/src/words.js", ("Int32Array.from(ids)",),
        why="'A int64 tensor's data must be type of BigInt64Array'.",
    ),
    Fault(
        "R025", "input-name-mismatch", "request", "browser/src/words.js", ("input_ids",), related=(f"{WEB}/words.onnx",),
        why="\"input 'tokens' is missing in 'feeds'\".",
    ),
]  # fmt: skip


def main() -> None:
    """Write the file, sorted by path and line."""
    entries = [fault.entry() for fault in FAULTS]
    entries.sort(key=lambda entry: (entry["path"], entry.get("line", 0), entry["rule"]))
    (EXAMPLES / "expected.json").write_text(json.dumps(entries, indent=2) + "\n")
    print(f"{len(entries)} faults, {len({fault.rule for fault in FAULTS})} rules")


if __name__ == "__main__":
    main()
