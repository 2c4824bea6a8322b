"""Serving: model servers and runtimes whose version, settings or mounts do not fit the model they are to serve."""
