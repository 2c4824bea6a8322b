"""Flags of TensorFlow Serving that exclude each other, or that need another one.

The server looks at its flags together, and does not start where they make no sense: ``Failed to start server. Error: INVALID_ARGUMENT:
server_options.batching_parameters_file is set without setting server_options.enable_batching to true.``

```bash bad path=run.sh
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --batching_parameters_file=/models/b.config  # <-
```

```bash good path=run.sh
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --enable_batching=true --batching_parameters_file=/models/b.config
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --enable_batching --batching_parameters_file=/models/b.config
docker run -v /srv/models:/models tensorflow/serving:2.19.0 --batching_parameters_file=/models/b.config $MORE
```

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: --tensorflow_session_parallelism=4 --tensorflow_intra_op_parallelism=4 --tensorflow_inter_op_parallelism=2  # <-
```

Without the image's entry point somebody has to say where the models are.

```bash bad path=start.sh
tensorflow_model_server --port=8500 --rest_api_port=8501 --model_name=fruit  # <-
```

```bash good path=start.sh
tensorflow_model_server --port=8500 --rest_api_port=8501 --model_name=fruit --model_base_path="$(pwd)/fruit"
tensorflow_model_server --version
```

A base path is absolute, or a URI: ``Expected model m to have an absolute path or URI; got base_path()=models/m``.

```bash bad path=serve.sh
tensorflow_model_server --rest_api_port=8501 --model_name=m --model_base_path=models/m  # <-
```

```bash good path=serve.sh
tensorflow_model_server --rest_api_port=8501 --model_name=m --model_base_path="$PWD/models/m"
tensorflow_model_server --rest_api_port=8501 --model_name=m --model_base_path=s3://bucket/models/m
tensorflow_model_server --rest_api_port=8501 --model_name=m --model_base_path=$MODELS/m
tensorflow_model_server --rest_api_port=8501 --model_name=m --model_base_path=MODEL_PATH
```

References: `BuildAndStart` in `model_servers/server.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from deplint import Finding, rule
from deplint.settings.commands import Program, programs
from deplint.settings.containers import Deployment
from deplint.settings.scripts import Script
from deplint.settings.text import Word

PARALLELISM = ("tensorflow_session_parallelism", "tensorflow_intra_op_parallelism", "tensorflow_inter_op_parallelism")


RELATIVE = re.compile(r"(?:\.{1,2}/)*[a-z][\w.-]*(?:/[\w.-]+)*/?")
"""A path from the working directory, and no name in capitals that somebody fills in."""


@rule(
    "DPL509",
    severity="error",
    leaves=["S.4.3", "S.3.3"],
    see=["https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/model_servers/server.cc"],
)
def tfs_flags_refused(facts: Deployment | Script) -> Iterator[Finding]:
    for program in programs(facts):
        if program.name == "tensorflow_model_server" and program.known and program.arguments:
            flags = program.flags
            fault = _fault(program, flags)
            if fault and not flags.keys() & {"version", "help"}:
                at, what, remedy = fault
                yield Finding(at, f"{what}: TensorFlow Serving does not start", help=remedy)


def _fault(program: Program, flags: Mapping[str, Word]) -> tuple[Word | Program, str, str] | None:
    def given(name: str) -> bool:
        return name in flags and flags[name].text not in ("", "0", "false", "False")

    if given("batching_parameters_file") and not given("enable_batching") and not given("platform_config_file"):
        at = flags["batching_parameters_file"]
        return at, "batching_parameters_file is set without enable_batching", "add --enable_batching=true"
    if all(flags[name].text not in ("0", None) if name in flags else False for name in PARALLELISM):
        remedy = "set tensorflow_session_parallelism, or the other two"
        return flags[PARALLELISM[0]], "session, intra-op and inter-op parallelism are all set", remedy
    if given("use_alts_credentials") and given("ssl_config_file"):
        return flags["ssl_config_file"], "both ALTS and SSL are asked for", "drop one of --use_alts_credentials and --ssl_config_file"
    base = flags.get("model_base_path")
    if base is not None and base.text and RELATIVE.fullmatch(base.text) and base.text != "true":
        return base, f"the base path {base.text} is relative, and an absolute path or a URI is wanted", "write --model_base_path=$PWD/..."
    if not program.stock and not flags.keys() & {"model_base_path", "model_config_file"}:
        return program, "neither model_base_path nor model_config_file is given", "add --model_base_path=/folder/of/the/versions"
    return None
