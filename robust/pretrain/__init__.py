"""Pre-training: raw text becomes windows of tokens, windows train an encoder."""
