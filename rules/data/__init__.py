"""Data processing: what a service does to its input and output against what the model was trained on."""
