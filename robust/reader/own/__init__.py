"""A user's own model as a reader: the protocol, and a wrapper for each way a model comes."""
