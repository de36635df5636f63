"""Statistics for paired comparisons: clustered intervals and tests, corrections, power."""
