"""What people read: tables made from a run."""
