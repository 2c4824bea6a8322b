#!/bin/sh
# Turn the exported models into web models.
set -eu
cd "$(dirname "$0")"
web=../public/models

python export_saved_models.py
for name in pose palm lips; do
  tensorflowjs_converter --input_format=tf_saved_model "exported/$name" "$web/$name"
done
tensorflowjs_converter --input_format=tf_saved_model exported/gesture.keras "$web/gesture"
python export_hands.py
python export_words.py
