"""Environment: packages, versions and images that do not go together."""
