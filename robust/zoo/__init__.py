"""Models: the catalogue of shapes and recipes, where weights are found, checkpoints read and written."""
