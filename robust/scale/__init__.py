"""The same work on many machines: pieces go out, results come back, and the bytes are those of one machine."""
