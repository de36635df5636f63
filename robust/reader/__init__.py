"""Readers: questions to windows to logits to spans; the no-answer threshold; fine-tuning."""
