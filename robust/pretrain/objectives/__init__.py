"""Ways to pre-train an encoder, one file each, behind ``base.Objective``."""
