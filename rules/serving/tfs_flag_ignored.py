"""A flag that TensorFlow Serving does not take, or not in that form.

The server reads ``--name=value``, and nothing else: not ``--name value``, not ``-name=value``. What it does not know it prints, ``unknown
argument: --model_config_file``, with the list of its flags, and then starts without it: with another model, on another port, unbatched.

```bash bad path=run.sh
docker run -p 8501:8501 -v /srv/models:/models tensorflow/serving:2.19.0 --model_config_file /models/models.config  # <-
```

```bash good path=run.sh
docker run -p 8501:8501 -v /srv/models:/models tensorflow/serving:2.19.0 --model_config_file=/models/models.config
```

Misspelt flags go the same way, and so do those of another release.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.10.0
    command:
      - --enable_batching
      - --batching_parameter_file=/models/batching.config  # <-
      - --enable_per_model_batching_parameters=true  # <- since 2.11
```

```dockerfile bad
FROM ubuntu:22.04
RUN apt-get install -y tensorflow-model-server
CMD ["tensorflow_model_server", "--port=8500", "-rest_api_port=8501", "--model_base_path=/models/fruit"]  # <-
```

A flag that is true or false needs no value; what follows it is lost.

```bash bad path=run.sh
tensorflow_model_server --rest_api_port=8501 --model_base_path=/models/fruit --flush_filesystem_caches false  # <-
```

```bash good path=run.sh
tensorflow_model_server --rest_api_port=8501 --model_base_path=/models/fruit --enable_batching --prefer_tflite_model=true
tensorflow_model_server --rest_api_port="${PORT}" --model_base_path=/models/fruit "$@"
docker run tensorflow/serving:2.19.0 $FLAGS
tensorflow_model_server
```

The flags of another program are its own.

```bash good path=run.sh
docker run -p 8501:8501 --entrypoint /wait-for-it.sh tensorflow/serving:2.19.0 --timeout 30
```

References: `main.cc` of every release of TensorFlow Serving from 1.0 on, `xla/tsl/util/command_line_flags.cc` of TensorFlow, which takes
a flag apart.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.commands import Program, programs
from deplint.settings.containers import Deployment
from deplint.settings.pins import Pin
from deplint.settings.ranges import between
from deplint.settings.scripts import Script
from deplint.settings.text import Word

SINCE = {
    "1.0": """port model_name model_base_path model_config_file platform_config_file batching_parameters_file file_system_poll_wait_seconds
        tensorflow_session_parallelism per_process_gpu_memory_fraction saved_model_tags grpc_channel_arguments rest_api_port
        rest_api_num_threads rest_api_timeout_in_ms ssl_config_file max_num_load_retries load_retry_interval_micros monitoring_config_file
        grpc_socket_path tensorflow_intra_op_parallelism tensorflow_inter_op_parallelism model_config_file_poll_wait_seconds
        enable_batching flush_filesystem_caches enable_model_warmup version allow_version_labels_for_unavailable_models
        remove_unused_fields_from_bundle_metagraph""",
    "2.3": "prefer_tflite_model",
    "2.4": "enable_signature_method_name_check",
    "2.5": """rest_api_enable_cors_support num_load_threads num_unload_threads grpc_max_threads num_tflite_pools
        num_tflite_interpreters_per_pool xla_cpu_compilation_enabled enable_profiler""",
    "2.6": "use_alts_credentials thread_pool_factory_config_file",
    "2.8": "tensorflow_session_config_file num_request_iterations_for_warmup",
    "2.11": "enable_per_model_batching_parameters",
    "2.15": "mixed_precision skip_initialize_tpu enable_grpc_healthcheck_service",
    "2.18": "xla_gpu_compilation_enabled",
    "2.19": "enable_serialization_as_tensor_content",
}
"""Flags by the first release that has them; those that came before 1.15 are taken for old as the hills."""

FLAGS = {name: release for release, names in SINCE.items() for name in names.split()}

SWITCHES = re.compile(r"(?!.*file)(?:enable|flush|allow|remove|prefer|xla|use|skip)_.*|version|rest_api_enable_cors_support")
"""Flags that are true or false."""

GONE = {"use_tflite_model": ("2.3", "prefer_tflite_model")}
"""Flags of former releases: the first one without, and what came instead."""


@rule(
    "DPL508",
    severity="error",
    leaves=["S.3.3", "S.4.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/model_servers/main.cc",
        "https://github.com/tensorflow/tensorflow/blob/v2.20.0/third_party/xla/xla/tsl/util/command_line_flags.cc",
    ],
)
def tfs_flag_ignored(facts: Deployment | Script) -> Iterator[Finding]:
    for program in programs(facts):
        if program.name == "tensorflow_model_server":
            release = next((pin for pin in program.container.image.pins), None) if program.container and program.container.image else None
            for word, following in zip(program.arguments, [*program.arguments[1:], None], strict=False):
                wrong = _wrong(word, following, release, program)
                if wrong:
                    yield Finding(word, f"TensorFlow Serving {wrong[0]}: it starts without it", help=wrong[1])


def _wrong(word: Word, following: Word | None, release: Pin | None, program: Program) -> tuple[str, str] | None:
    match = re.match(r"[\"']?(--?)([A-Za-z][\w-]*)(=?)", word.text if word.text is not None else word.written)
    if match is None or (word.text is None and not match[3]):
        return None
    hyphens, name, equals = match.groups()
    value = following.text if following is not None else ""
    if name in FLAGS:
        since = between(None, FLAGS[name])
        if release is not None and release.range is not None and since is not None and release.range <= since:
            return f"has --{name} since {FLAGS[name]}, and this is {release.specifier}", f"serve with release {FLAGS[name]} or newer"
        if hyphens == "-":
            return f"ignores -{name}: its flags begin with two hyphens", f"write --{name}{equals}"
        if equals or following is None or following.written.startswith("-"):
            return None
        if not SWITCHES.fullmatch(name):
            return f"reads --{name}=VALUE, and ignores --{name} with the value behind a blank", f"write --{name}={value or '...'}"
        if value in ("false", "False", "0"):
            return f"takes --{name} for true, and ignores the {value} behind it", f"write --{name}={value}"
        return None
    if name in GONE:
        until = between(GONE[name][0], None)
        if release is None or release.range is None or until is None or not release.range <= until:
            return None
        return f"has no flag --{name} any more", f"since {GONE[name][0]} it is --{GONE[name][1]}"
    if name in ("help", "v") or (hyphens == "-" and len(name) == 1):
        return None
    near = difflib.get_close_matches(name.replace("-", "_"), FLAGS, 1)
    return f"has no flag --{name}", f"is --{near[0]} meant?" if near else "tensorflow_model_server --help lists its flags"
