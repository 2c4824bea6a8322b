"""A flag of TensorFlow Serving that another one takes the effect from.

With `--model_config_file` the server loads the models that file lists and looks no further: `--model_name` and `--model_base_path` are
not read. Prometheus is answered on the REST port, which the server opens only if told to, so that `--monitoring_config_file` alone does
nothing.

```bash bad path=run.sh
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --model_config_file=/models/models.config --model_name=fruit  # <-
```

```bash good path=run.sh
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --model_config_file=/models/models.config
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --model_name=fruit --model_base_path=/models/fruit
```

```bash bad path=start.sh
tensorflow_model_server --port=8500 --model_base_path=/models/fruit --monitoring_config_file=/models/monitoring.config  # <-
```

The image opens the REST port itself.

```bash good path=start.sh
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --monitoring_config_file=/models/monitoring.config
```

What waits for changes in a file needs the file.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command:
      - --model_base_path=/models/fruit
      - --model_config_file_poll_wait_seconds=60  # <-
```

References: `model_servers/server.cc` and `main.cc` of TensorFlow Serving.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import programs
from deplint.settings.containers import Deployment
from deplint.settings.scripts import Script

NEEDS = {
    "monitoring_config_file": ("rest_api_port", "Prometheus is answered on the REST port, which is not open", "add --rest_api_port=8501"),
    "rest_api_num_threads": ("rest_api_port", "the REST port is not open", "add --rest_api_port=8501"),
    "rest_api_timeout_in_ms": ("rest_api_port", "the REST port is not open", "add --rest_api_port=8501"),
    "model_config_file_poll_wait_seconds": ("model_config_file", "there is no --model_config_file to look at", "drop it"),
    "enable_per_model_batching_parameters": ("enable_batching", "batching is off", "add --enable_batching=true"),
    "num_tflite_pools": ("prefer_tflite_model", "the TensorFlow model is served", "add --prefer_tflite_model=true"),
    "num_tflite_interpreters_per_pool": ("prefer_tflite_model", "the TensorFlow model is served", "add --prefer_tflite_model=true"),
}
"""Flag -> the flag without which it has no effect, what is the case then, and the remedy."""

INSTEAD = ("model_name", "model_base_path")
"""Flags that are not read where there is a --model_config_file."""


@rule(
    "DPL510",
    severity="warning",
    leaves=["S.4.4", "S.3.3"],
    see=["https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/model_servers/server.cc"],
)
def tfs_flag_without_effect(facts: Deployment | Script) -> Iterator[Finding]:
    for program in programs(facts):
        if program.name != "tensorflow_model_server":
            continue
        flags = program.flags
        for name in INSTEAD:
            if name in flags and "model_config_file" in flags:
                yield Finding(
                    flags[name],
                    f"--{name} has no effect: the server loads what --model_config_file lists",
                    help=f"drop --{name}, or list that model in the file",
                )
        for name, (needed, because, remedy) in NEEDS.items():
            opened = needed in flags or (needed == "rest_api_port" and program.stock)
            if name in flags and flags[name].text not in ("false", "0") and not opened and program.known:
                yield Finding(flags[name], f"--{name} has no effect: {because}", help=remedy)
