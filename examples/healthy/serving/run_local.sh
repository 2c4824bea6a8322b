#!/bin/sh
# Either one model by its name, or the whole list: ./run_local.sh [list]
set -eu
cd "$(dirname "$0")"
image=tensorflow/serving:2.21.0

if [ "${1:-}" = list ]; then
  docker run --rm -p 127.0.0.1:8501:8501 -v "$PWD/models:/models:ro" -v "$PWD/models.config:/etc/models.config:ro" \
    "$image" --model_config_file=/etc/models.config
else
  docker run --rm -p 127.0.0.1:8501:8501 --env MODEL_NAME=fruit \
    --mount "type=bind,source=$PWD/models/fruit,target=/models/fruit,readonly" "$image"
fi
