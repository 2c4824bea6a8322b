"""A list of models that TensorFlow Serving refuses.

The server checks its `models.config` before it loads anything: base paths are absolute or addresses (``Expected model fruit to have an
absolute path or URI; got base_path()=models/fruit``), each model has a platform (``Illegal setting neither ModelServerConfig::model_type
(deprecated) nor ModelServerConfig::model_platform``), no name occurs twice (``Illegal to list model fruit multiple times in config list``).

```textproto bad path=models.config
model_config_list {
  config { name: "fruit" base_path: "models/fruit" model_platform: "tensorflow" }  # <-
  config { name: "cars" base_path: "/models/cars" }  # <-
  config { name: "cars" base_path: "/models/cars-v2" model_platform: "tensorflow" }  # <-
  config { name: "boats" base_path: "gs://bucket/boats" model_platform: "tensorflow" }
}
```

```textproto good path=models.config
model_config_list: {
  config: { name: "fruit", base_path: "/models/fruit", model_platform: "tensorflow" },
  config: { name: "cars", base_path: "s3://bucket/cars", model_platform: "tensorflow", model_version_policy: { all: {} } }
}
```

A template is no list yet.

```textproto good path=models.config
model_config_list { config { name: "${NAME}" base_path: "${MODELS}/fruit" model_platform: "tensorflow" } }
```

A label stands for a version that is loaded. While the server starts none is (``Request to assign label to version 42 of model fruit,
which is not currently available for inference``), unless it is allowed; and a version that the policy leaves out never will be.

```textproto bad path=models/models.config
model_config_list {
  config {
    name: "fruit"  base_path: "/models/fruit"  model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 43 } }
    version_labels { key: "stable" value: 44 }  # <-
  }
}
```

Here the server is not told that it may.

```textproto bad path=models/models.config
model_config_list {
  config {
    name: "fruit"  base_path: "/models/fruit"  model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 43 } }
    version_labels { key: "stable" value: 42 }  # <-
  }
}
```

```bash + path=run.sh
docker run -v "$PWD/models:/models" tensorflow/serving:2.19.0 --model_config_file=/models/models.config
```

```textproto good path=models/models.config
model_config_list {
  config {
    name: "fruit"  base_path: "/models/fruit"  model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 43 } }
    version_labels { key: "stable" value: 42 }
  }
}
```

```bash + path=run.sh
docker run -v "$PWD/models:/models" tensorflow/serving:2.19.0 --model_config_file=/models/models.config \
  --allow_version_labels_for_unavailable_models=true
```

References: `ValidateModelConfigList`, `GetPlatform` and `UpdateModelVersionLabelMap` in `model_servers/server_core.cc`, "Assigning String
Labels to Model Versions" in `g3doc/serving_config.md` of TensorFlow Serving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.serving import Server, servers
from deplint.settings.triton import ServedModel, ServingModels

TEMPLATE = re.compile(r"\$|\{\{|<[A-Za-z_ -]+>|%\w|__\w+__")
ALLOW = "allow_version_labels_for_unavailable_models"


@rule(
    "DPL511",
    severity="error",
    leaves=["S.3.3", "S.4.4"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/model_servers/server_core.cc",
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/g3doc/serving_config.md",
    ],
)
def tfs_models_config(listed: ServingModels, project: Project) -> Iterator[Finding]:
    seen: set[str] = set()
    for model in listed.models:
        if TEMPLATE.search(model.name + model.base_path + model.platform):
            continue
        if model.base_path and not re.match(r"/|[A-Za-z][\w+.-]*://", model.base_path):
            yield Finding(
                model.base_path_place,
                f'the base path "{model.base_path}" is relative: TensorFlow Serving wants an absolute path or URI, and does not start',
                help=f"write it as the server sees it: /models/{model.base_path.removeprefix('./').removeprefix('models/')}",
            )
        elif not model.platform:
            yield Finding(
                model,
                f'the model "{model.name}" has no model_platform: TensorFlow Serving does not start',
                help='model_platform: "tensorflow"',
            )
        elif model.name in seen:
            yield Finding(model, f'the model "{model.name}" is listed twice: TensorFlow Serving does not start', help="name it otherwise")
        seen.add(model.name)
        yield from _labels(model, listed, project)


def _labels(model: ServedModel, listed: ServingModels, project: Project) -> Iterator[Finding]:
    left_out = {label: version for label, version in model.labels.items() if model.policy == "specific" and version not in model.versions}
    for label, version in left_out.items():
        yield Finding(
            model.labels_place or model,
            f'the label "{label}" is for version {version}, which model_version_policy does not load: the label cannot be assigned',
            help=f"load it: specific {{ versions: {version} }}",
        )
    if model.labels and not left_out:
        started = [server for server in servers(project) if _reads(server, listed)]
        if started and all(server.plain and ALLOW not in server.flags for server in started):
            yield Finding(
                model.labels_place or model,
                f'a label is given to a version of "{model.name}" that is not loaded while the server starts: the label cannot be assigned',
                help=f"start the server with --{ALLOW}=true",
            )


def _reads(server: Server, listed: ServingModels) -> bool:
    flag = server.flags.get("model_config_file")
    file = server.file(flag.text) if flag is not None and flag.text else None
    return file is not None and file.shown == listed.path
