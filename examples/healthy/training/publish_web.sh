#!/bin/sh
# Convert the freshness model for the web page.
set -eu
cd "$(dirname "$0")"
python export_web_graph.py
tensorflowjs_converter --input_format=tf_saved_model --signature_name=serving_default \
  exported/fresh ../web/public/models/fresh
