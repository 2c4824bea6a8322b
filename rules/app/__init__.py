"""Apps on any device: what their code does with a model, whatever the system."""
