"""Coverage-guided fuzzing of every reader: ``python -m tests.fuzz READER --seconds 60`` (needs atheris; see docs/fuzzing.md)."""
