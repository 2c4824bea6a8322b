#!/bin/sh
# Try the label reader alone on a laptop: ./run_local.sh, then clients/rest_client.py
set -eu
cd "$(dirname "$0")"

docker run --rm \
  -p 127.0.0.1:8501:8501 \
  -v "$PWD/models/labels:/models/labels:ro" \
  tensorflow/serving:2.21.0
