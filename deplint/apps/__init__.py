"""What holds an app together: which call of its code opens which model file, and what its build does with it."""
