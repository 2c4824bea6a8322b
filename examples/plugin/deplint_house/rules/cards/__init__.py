"""What a model card must say before its model is shipped."""
