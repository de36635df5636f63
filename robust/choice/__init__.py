"""Multiple choice with warrants: which one supports the claim, and what negated claims tell of a model."""
