"""What an encoder knows before any fine-tuning: its masked-LM head answers small cloze tasks."""
