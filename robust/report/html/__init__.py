"""The report: one page of HTML with everything in it, and the figures beside it."""
