"""Statistics for paired comparisons: clustered intervals; more moves in later."""
