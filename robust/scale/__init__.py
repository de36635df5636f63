"""The same work on many machines: pieces go out, results come back, the bytes are those of one machine."""
