"""English words: tokens, tags, WordNet, inflection, senses."""
