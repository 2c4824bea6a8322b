"""Requests: what a client sends, or a program feeds, against what the model and the server take."""
