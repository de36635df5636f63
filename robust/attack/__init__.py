"""What an attack is: settings in, question in, variants out."""
