"""What pre-training and fine-tuning share: the optimiser's groups, the schedule, a run's state on disk."""
