"""What runs in child processes, with the package that is asked: each module writes JSON to the path it is given."""
