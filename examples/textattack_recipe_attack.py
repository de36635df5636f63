"""A recipe of TextAttack against a reader.

python examples/textattack_recipe_attack.py QUESTIONS.json
"""

import sys

from robust.reader.threshold import single
from robust.squad.io import read_questions
from robust.textattack.dataset import QuestionDataset
from robust.textattack.goal import WrongAnswer
from robust.textattack.reader import ReaderWrapper
from robust.textattack.recipes import build
from robust.textattack.run import attack_questions, summarise
from robust.zoo.checkpoints import load_reader

reader = load_reader("electra-tiny-squad2")  # or any robust.Reader
questions = QuestionDataset(read_questions(sys.argv[1])[:5])
goal = WrongAnswer(ReaderWrapper(reader), questions, thresholds=single(reader.settings.null_threshold or 0.0))
recipe = build("deepwordbug", goal, questions)
outcomes = attack_questions(recipe.attack, questions)
for outcome in outcomes:
    print(outcome.question_id, outcome.status, [(edit.before, edit.after) for edit in outcome.edits])
print(summarise(outcomes))
