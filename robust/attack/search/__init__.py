"""Model-in-the-loop search: of all that an attack may do to a question, what a reader answers wrongly."""

from robust.attack.search.choice import STRATEGIES, check_searchable, make_strategy
from robust.attack.search.run import Plan, SearchOutcome, search
from robust.attack.search.strategy import Strategy

__all__ = ["STRATEGIES", "Plan", "SearchOutcome", "Strategy", "check_searchable", "make_strategy", "search"]
