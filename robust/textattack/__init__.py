"""TextAttack, both ways: its recipes against our readers, our attacks as its transformations (an extra)."""
