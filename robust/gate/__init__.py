"""The gate: is a reader's drop within its budget, and how sure is that? Nothing here knows of pytest."""
