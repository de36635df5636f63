"""A study: readers and sets named in a recipe, evaluated, and every table and figure made from the runs."""
