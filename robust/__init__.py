"""How far does a reading-comprehension model fall when the question is asked in other words?"""

__version__ = "0.1.0"
