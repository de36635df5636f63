"""CheckList for reading comprehension: capabilities, each tested by cases made from templates."""
