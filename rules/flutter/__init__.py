"""Apps made with Flutter: their Dart, their ``pubspec.yaml`` and their models."""
