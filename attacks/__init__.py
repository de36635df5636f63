"""The attacks, one a file; found through the entry-point group ``robust.attacks``."""
