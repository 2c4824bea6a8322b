"""deplint's rules: one file a rule, one folder a category."""
