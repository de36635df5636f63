"""Evaluation: what is compared with what, scores for every question, and the figures made of them."""
