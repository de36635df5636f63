"""An attack of ours under a search of TextAttack's, with its constraints and ours.

python examples/textattack_with_our_attack.py QUESTIONS.json
"""

import sys

from robust.attack.registry import make
from robust.reader.threshold import single
from robust.squad.io import read_questions
from robust.textattack.dataset import QuestionDataset
from robust.textattack.goal import WrongAnswer
from robust.textattack.library import textattack
from robust.textattack.reader import ReaderWrapper
from robust.textattack.rules import Keeps, Untouchable, question_only
from robust.textattack.transformation import Edited
from robust.zoo.checkpoints import load_reader

reader = load_reader("electra-tiny-squad2")
questions = QuestionDataset(read_questions(sys.argv[1])[:5])
goal = WrongAnswer(ReaderWrapper(reader), questions, thresholds=single(reader.settings.null_threshold or 0.0))
attack = textattack.Attack(
    goal,
    [
        textattack.constraints.pre_transformation.RepeatModification(),
        question_only(),
        Untouchable(questions),
        Keeps("edit-rate<=0.2", questions),
    ],
    Edited(make("qads.v1", least_safety=0.2), questions),
    textattack.search_methods.GreedyWordSwapWIR(),
)
for columns, question_id in questions:
    result = attack.attack(columns, question_id)
    print(question_id, result.goal_function_result_str())
