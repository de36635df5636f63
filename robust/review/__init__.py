"""People (or models) judge the variants of a built set; what they accept becomes a set of its own."""
