"""The command line: one command per file, registered by main."""
