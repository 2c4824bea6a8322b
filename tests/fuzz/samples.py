"""Small files to start from where the test data has none: a text of every settings reader's kind, and models built here."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping

from deplint.formats.wire import Message

SAMPLES: Mapping[str, str] = {
    "requirements": "-r base.txt\ntensorflow==2.13.0 \\\n  --hash=sha256:a # c\n-e git+https://x/y#egg=z\n",
    "pyproject": '[project]\ndependencies = ["a>=1"]\n[tool.poetry.dependencies]\npython = "^3.9"\nx = {version = "1", optional = true}\n',
    "setup.cfg": "[options]\ninstall_requires =\n    a\n    b>=1\n[options.extras_require]\nx = y\n",
    "setup.py": "from setuptools import setup\nsetup(install_requires=['a>=1'], extras_require={'x': ['b']}, python_requires='>=3')\n",
    "pipfile": '[packages]\na = "==1"\nb = {version = "*", extras = ["c"]}\n[requires]\npython_version = "3.9"\n',
    "conda": "name: x\ndependencies:\n  - python=3.9\n  - a=1=b\n  - pip:\n    - c==1\n",
    "python-version": "3.11.4\n",
    "toml-lock": '[[package]]\nname = "a"\nversion = "1"\n',
    "pipfile.lock": '{"default": {"a": {"version": "==1"}}, "develop": {}}',
    "conda-lock": "package:\n- name: a\n  version: 1.0\n",
    "notebook-installs": '{"cells": [{"cell_type": "code", "source": ["!pip install a==1 \'b>=2\'"]}]}',
    "extension": '{"manifest_version": 3, "background": {"service_worker": "b.js"}, "content_scripts": [{"js": ["c.js"]}],'
    ' "action": {"default_popup": "p.html"}, "content_security_policy": {"extension_pages": "x"}}',
    "package.json": '{"name": "x", "dependencies": {"@a/b": "^1.0.0", "c": "npm:d@1"}}',
    "package-lock": '{"packages": {"node_modules/a": {"version": "1.0.0"}}}',
    "yarn.lock": '"@a/b@^1":\n  version "1.0.0"\n',
    "pnpm-lock": "packages:\n  '@a/b@1.0.0':\n    x: y\n",
    "podfile": "platform :ios, '12.0'\npod 'A/B', '~> 1.0', :subspecs => ['C']\nx = '-force_load y'\n",
    "podfile.lock": "PODS:\n  - A (1.0)\nDEPENDENCIES:\n  - A\n",
    "pubspec": "name: a\ndependencies:\n  b: ^1.0\nflutter:\n  assets:\n    - assets/\n",
    "pubspec.lock": 'packages:\n  a:\n    version: "1.0"\n',
    "package.swift": '.package(url: "https://x.org/a", from: "1.0.0")\n',
    "package.swift-platforms": 'platforms: [.iOS(.v15_1), .iOS("13.0")]\n',
    "xcode-targets": (
        "// !$*UTF8*$!\n{\n    objects = {\n"
        "        A1 /* A.swift in Sources */ = {isa = PBXBuildFile; fileRef = A2 /* A.swift */; };\n"
        '        A2 /* A.swift */ = {isa = PBXFileReference; path = A.swift; sourceTree = "<group>"; };\n'
        "        B1 /* Sources */ = {isa = PBXSourcesBuildPhase; files = (A1, ); };\n"
        '        C1 /* App */ = {isa = PBXNativeTarget; buildPhases = (B1, ); name = App; '
        'productType = "com.apple.product-type.application"; };\n'
        "    };\n}\n"
    ),
    "xcode": "IPHONEOS_DEPLOYMENT_TARGET = 13.0;\nIPHONEOS_DEPLOYMENT_TARGET = \"$(A)\";\n",
    "package.resolved": '{"pins": [{"location": "https://x.org/a", "state": {"version": "1.0.0"}}]}',
    "gradle": "android { compileSdk 33 }\ndependencies { implementation \"a:b:$v\"; api(libs.x) { exclude group: 'y' } }\n",
    "gradle-catalog": '[versions]\na = "1"\n[libraries]\nb = { module = "c:d", version.ref = "a" }\n',
    "gradle-properties": "a=b\ndistributionUrl=https\\://x/gradle-8.2-bin.zip\n",
    "manifest": '<manifest xmlns:android="http://schemas.android.com/apk/res/android">\n<uses-permission android:name="a"/></manifest>\n',
    "native": '// tensorflow\nauto m = B("a.tflite");\nint i = t->inputs()[0];\nfloat* x = t->typed_tensor<float>(i);\n',
    "micro": "// tensorflow\nstatic tflite::MicroMutableOpResolver<2> r;\nvoid setup() { r.AddConv2D(); r.AddCustom(\"x\", y()); }\n",
    "proguard": "# x\n-keep class a.b.** { *; }\n-dontwarn c.d\n",
    "dockerfile": 'ARG A=1\nFROM python:$A AS b\nENV C="d e"\nRUN pip install a==1 \\\n  # c\n  b\nRUN <<E\nx\nE\nCOPY c d\nCMD ["e"]\n',
    "compose": "services:\n  a:\n    image: b:${C:-1}\n    ports: ['1:2']\n    command: x --y=z\n    environment: [D=e]\n",
    "kubernetes": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a\n    args: [--b=$(C)]\n    env: [{name: C, value: d}]\n",
    "docker-run": 'IMAGE=a\nif x; then docker run -p 1:2 -v "$(pwd):/b" $IMAGE:1 --c=d "$@"; fi\n',
    "conversion-script": 'for m in a; do tensorflowjs_converter --input_format=keras "$m.h5" b; done\ntensorflowjs_converter $C \\\n d\n',
    "triton": 'platform: "a"\nmax_batch_size: 8\ninput [ { name: "b" data_type: TYPE_FP32 dims: [ 1, -1 ] } ]\n',
    "tf-serving": 'model_config_list { config { name: "a" base_path: "/b" model_version_policy { specific { versions: 1 } } } }\n',
    "tf-serving-batching": "max_batch_size { value: 32 }\nbatch_timeout_micros { value: 1 }\nallowed_batch_sizes: [ 8, 32 ]\n",
    "tf-serving-monitoring": 'prometheus_config { enable: true, path: "/metrics" }\n',
    "nginx": "upstream a { server b:1; }\nserver { add_header C 'd;e' always; location ~* \\.(f|g)$ { proxy_pass http://a/${H}; } }\n",
    "vercel": '{"headers": [{"source": "/:a*", "headers": [{"key": "B", "value": "c"}]}], "routes": [{"src": "/(.*)", "dest": "/d"}]}',
    "netlify": '[build]\npublish = "a"\n[[redirects]]\nfrom = "/*"\nto = "/b"\nforce = true\n'
    '[[headers]]\nfor = "/*"\n[headers.values]\nC = "d"\n',
    "headers": "/*\n  A-B: c\n  ! D\n/e/:f\n  G: h\n",
    "redirects": "# a\n/b/* /c/:splat 200!\n/d /e\n",
    "firebase": '{"hosting": {"public": "a", "headers": [{"source": "**/*.@(b|c)", "headers": [{"key": "D", "value": "e"}]}],'
    ' "redirects": [{"source": "/f", "destination": "/g", "type": 301}]}}',
    "static-web-app": '{"globalHeaders": {"A": "b"}, "routes": [{"route": "/c/*", "headers": {"D": "e"}}]}',
    "htaccess": '<IfModule mod_headers.c>\nHeader set A "b"\n</IfModule>\n<FilesMatch "\\.(c|d)$">\nHeader unset A\n</FilesMatch>\n'
    "RewriteCond %{REQUEST_FILENAME} !-f\nRewriteRule ^e(.*)$ /f [L]\n",
    "web-config": '<configuration><location path="a"><system.webServer><httpProtocol><customHeaders><add name="B" value="c"/>'
    '<remove name="D" /></customHeaders></httpProtocol><!-- e --></system.webServer></location></configuration>',
    "caddy": "a.example {\n  root * /b\n  header /c/* D `e`\n  header {\n    -F\n    G \"h\"\n  }\n  file_server\n}\n",
    "prometheus": "scrape_configs:\n- job_name: a\n  metrics_path: /b\n  static_configs: [{targets: ['c:8501']}]\n",
    "torchserve": "inference_address=http://0.0.0.0:8080\nload_models=a=a.mar,\\\n  b.mar\ndisable_token_authorization: true\n",
    "serverless": "provider: {name: aws, runtime: python3.11}\nplugins: [serverless-python-requirements]\nfunctions: {a: {handler: b.c}}\n",
    "app-engine": "runtime: python311\nentrypoint: gunicorn -b :$PORT main:app\nenv: standard\nhandlers:\n- {url: /.*, script: auto}\n",
    "bentoml": "service: service:svc\ninclude: ['*.py']\n",
    "mlmodel": "flavors:\n  sklearn: {pickled_model: model.pkl}\n  python_function: {data: data, env: {conda: conda.yaml}}\n"
    "signature:\n  inputs: '[{\"name\": \"a\", \"tensor-spec\": {\"shape\": [-1, 2]}}]'\n",
    "requests": 'POST http://localhost:8501/v1/models/m:predict\nContent-Type: text/json\n\n{"instances": [[1]]}\n\n###\n'
    "GET /v1/models/m\nHost: {{host}}\n",
    "request-body": '{"signature_name": "serving_default", "instances": [{"x": [1.0]}]}',
    "notebook-commands": '{"cells": [{"cell_type": "code", "source": ["!tensorflowjs_converter --input_format=keras \\\\\\n", "  {a} b"]},'
    ' {"cell_type": "code", "source": "%%bash\\ncurl -d 1 http://a/invocations"}], "metadata": {}, "nbformat": 4}',
    "azureml": "name: a\nmodel: {path: ./m}\ncode_configuration:\n  code: ./src\n  scoring_script: s.py\n"
    "environment: {conda_file: e.yml, image: mcr.microsoft.com/azureml/x:1}\n",
    "sam": "Transform: AWS::Serverless-2016-10-31\n"
    "Resources: {A: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: b/, Runtime: c}}}\n",
}  # fmt: skip
SAMPLES["dockerfile-run"] = SAMPLES["dockerfile"]
"""A text that each settings reader claims and finds something in."""


class _Calls:
    """What an attack pickles: loading it calls a function."""

    def __reduce__(self) -> tuple[object, ...]:
        return print, ("loaded",)


def _pickles() -> Iterator[bytes]:
    shared = [1]
    value = [{"a": 1 << 40, "b": (True, None, 2.5, "é", b"raw"), "c": [shared, shared]}, {3}, frozenset({4}), bytearray(5), print, _Calls()]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(value, protocol)


def _onnx() -> Iterator[bytes]:
    from tests import seeded

    for defect in seeded.ONNX.values():
        model = seeded.healthy()
        defect.plant(model)
        yield model.SerializeToString()


def _weight_index() -> Iterator[bytes]:
    yield b'{"metadata": {"total_size": 8}, "weight_map": {"a": "x-1.safetensors", "b": "../x-2.safetensors"}}'


_TEXT_GRAPH = """graph_def { node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: -1 } dim { size: 4 } } } } }
  node { name: "y" op: "Relu" input: "x" device: "/gpu:0" attr { key: "T" value { type: DT_FLOAT } } }
  versions { producer: 987 } library { function { signature { name: "f" input_arg { name: "a" type: DT_FLOAT } } } } }"""
_TEXT_META = f"""meta_info_def {{ tags: "serve" tensorflow_version: "2.15.0" }} {_TEXT_GRAPH}
signature_def {{ key: "serving_default"
  value {{ inputs {{ key: "x" value {{ name: "x:0" dtype: DT_FLOAT }} }} method_name: "predict" }} }}"""


def _saved_model() -> Iterator[bytes]:
    from tests import seeded

    yield seeded.saved_model(seeded.X, seeded.Y)
    yield f"saved_model_schema_version: 1\nmeta_graphs {{ {_TEXT_META} }}\n".encode()


def _graph() -> Iterator[bytes]:
    from tests import seeded

    yield seeded.X + seeded.Y
    yield _TEXT_GRAPH.removeprefix("graph_def {").removesuffix("}").encode()


def _meta_graph() -> Iterator[bytes]:
    from tests import seeded

    saved = seeded.saved_model(seeded.X, seeded.Y)
    message = Message(saved, 0, len(saved))
    yield saved[slice(*message.spans(2)[0])]
    yield _TEXT_META.encode()


def _tensorrt() -> Iterator[bytes]:
    plan = b"ftrt" + bytes(20) + bytes([8, 6, 1, 0]) + bytes(40)
    about = b'{"names": {"0": "cat"}, "imgsz": [640, 640]}'
    yield plan
    yield len(about).to_bytes(4, "little") + about + plan


def _cntk() -> Iterator[bytes]:
    from tests.seeded import field

    def entry(key: str, value: str) -> bytes:
        return field(2, field(1, key) + field(2, field(2, 6) + field(8, value)))

    yield field(1, 1) + entry("type", "CompositeFunction") + entry("root", "Softmax12")
    yield "BCN\0BVersion\0".encode("utf-16-le") + bytes(30)


_BUILT: Mapping[str, Callable[[], Iterator[bytes]]] = {
    "onnx": _onnx,
    "pickle": _pickles,
    "pickles": _pickles,
    "weight-index": _weight_index,
    "savedmodel": _saved_model,
    "graphdef": _graph,
    "metagraph": _meta_graph,
    "tensorrt": _tensorrt,
    "cntk": _cntk,
}


def built(name: str) -> Iterator[bytes]:
    """Contents made here for the targets of this name."""
    yield from _BUILT.get(name.partition(":")[0], tuple)()
