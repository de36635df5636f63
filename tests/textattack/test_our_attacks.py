"""Our attacks as TextAttack's transformations, our rules and constraints as its constraints."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from robust.attack.records import Edit, apply_edits, undo_edits
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.sites import Site, SiteAttack
from robust.errors import UserError
from robust.reader.threshold import single
from robust.squad.records import Question

library = pytest.importorskip("robust.textattack.library", reason="needs textattack", exc_type=UserError)

from robust.textattack.dataset import QuestionDataset  # noqa: E402
from robust.textattack.edits import edits_between  # noqa: E402
from robust.textattack.goal import WrongAnswer  # noqa: E402
from robust.textattack.reader import ReaderWrapper  # noqa: E402
from robust.textattack.rules import AnswerWords, Keeps, Untouchable, question_only  # noqa: E402
from robust.textattack.run import attack_questions  # noqa: E402
from robust.textattack.transformation import Edited, edits_of  # noqa: E402
from robust.textattack.words import spans  # noqa: E402

textattack = library.textattack


@dataclass(frozen=True, kw_only=True, repr=False)
class Double(SiteAttack):
    """Every word of five letters or more with its last letter doubled, and one without it."""

    name: ClassVar[str] = "double.test"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        found = []
        for token in scene.tokens:
            if len(token.text) >= 5:
                texts = (token.text + token.text[-1], token.text[:-1])
                edits = (Edit("question", token.start, token.end, token.text, after) for after in texts)
                found.append(Site(tuple(edits)))
        return found


def text_of(question: Question) -> Any:
    return textattack.shared.AttackedText(OrderedDict(question=question.text, context=question.context))


def test_every_edit_of_every_place_is_a_candidate(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    found = Edited(Double(), data)(text_of(questions[0]), [question_only()])
    assert [columns.tokenizer_input[0] for columns in found] == [
        "Who builtt the large old harbour of Veldmond?",
        "Who buil the large old harbour of Veldmond?",
        "Who built the largee old harbour of Veldmond?",
        "Who built the larg old harbour of Veldmond?",
        "Who built the large old harbourr of Veldmond?",
        "Who built the large old harbou of Veldmond?",
        "Who built the large old harbour of Veldmondd?",
        "Who built the large old harbour of Veldmon?",
    ]
    assert all(one.tokenizer_input[1] == questions[0].context for one in found)


def test_what_breaks_the_attacks_own_constraints_is_no_candidate(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    first = text_of(questions[0])
    strict = Edited(Double(constraints=("words-changed<=1",)), data)
    once = strict(first, [question_only()])
    assert len(once) == len(Edited(Double(), data)(first, [question_only()])) > 1
    assert not strict(once[0], [question_only()])
    assert Edited(Double(), data)(once[0], [question_only()])


def test_our_rules_and_a_search_say_where(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    rules = [question_only(), Untouchable(data)]
    found = Edited(Double(), data)(text_of(questions[0]), rules)
    assert {text.tokenizer_input[0].split()[7] for text in found} == {"Veldmond?"}  # a name
    only = Edited(Double(), data)(text_of(questions[0]), rules, indices_to_modify=[3])
    assert [text.tokenizer_input[0].split()[3] for text in only] == ["largee", "larg"]


def test_edits_add_up_and_a_place_is_edited_once(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    swap = Edited(Double(), data)
    first = swap(text_of(questions[0]), indices_to_modify=[1])[0]
    assert first.attack_attrs["modified_indices"] == {1}
    second = swap(first, indices_to_modify=[3])[1]
    assert second.tokenizer_input[0] == "Who builtt the larg old harbour of Veldmond?"
    assert second.attack_attrs["modified_indices"] == {1, 3}
    assert second.attack_attrs["newly_modified_indices"] == {3}
    assert swap(second, indices_to_modify=[1, 3]) == []
    edits = edits_of(second, (questions[0].text, questions[0].context))
    assert [(edit.before, edit.after) for edit in edits] == [("built", "builtt"), ("large", "larg")]


def test_they_go_beside_transformations_of_textattacks_own(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    theirs = text_of(questions[0]).replace_word_at_index(4, "ancient")
    both = Edited(Double(), data)(theirs, indices_to_modify=[3])[0]
    assert both.tokenizer_input[0] == "Who built the largee ancient harbour of Veldmond?"
    edits = edits_of(both, (questions[0].text, questions[0].context))
    assert undo_edits(both.tokenizer_input[0], edits) == questions[0].text


def test_qads_offers_every_usable_synonym_of_the_words_it_would_touch(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    found = Edited(make("qads.v1", least_safety=0.0), data)(text_of(questions[0]), [question_only()])
    texts = [text.tokenizer_input[0] for text in found]
    assert texts
    assert len(texts) == len(set(texts))
    assert all(text.endswith("harbour of Veldmond?") or "Veldmond" in text for text in texts)


def test_a_whole_attack_of_ours_under_their_search(reader: Any, questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    attack = textattack.Attack(
        WrongAnswer(ReaderWrapper(reader), data, thresholds=single(0.0)),
        [
            textattack.constraints.pre_transformation.RepeatModification(),
            question_only(),
            AnswerWords(data),
            Untouchable(data),
            Keeps("edit-rate<=0.2", data),
        ],
        Edited(Double(), data),
        textattack.search_methods.GreedyWordSwapWIR(),
    )
    found = attack_questions(attack, data)
    assert [one.status for one in found] == ["succeeded"] * 3 + ["skipped"]
    assert [[edit.before for edit in one.edits] for one in found[:3]] == [["large"]] * 3
    for one, question in zip(found, questions, strict=True):
        assert undo_edits(apply_edits(question.text, one.edits), one.edits) == question.text


def test_a_constraint_of_ours_refuses_what_breaks_it(questions: list[Question]) -> None:
    data = QuestionDataset(questions)
    swap = Edited(Double(), data)
    once = swap(text_of(questions[0]), indices_to_modify=[1])[0]
    twice = swap(once, indices_to_modify=[3])[0]
    keeps = Keeps("edit-rate<=0.15", data)  # nine tokens: one edit is 0.11, two are 0.22
    assert keeps.call_many([once, twice], text_of(questions[0])) == [once]
    with pytest.raises(UserError, match="not known"):
        Keeps("loudness<=3", data)


def test_a_text_of_another_data_set_is_told_of(questions: list[Question]) -> None:
    with pytest.raises(UserError, match="no text of this data set"):
        QuestionDataset(questions[1:]).question(text_of(questions[0]))


def test_edits_are_found_between_any_two_texts() -> None:
    before, after = "Who  built it — in 1742?", "Who  bulit the thing — in 1742 ?"
    edits = edits_between(before, after)
    assert apply_edits(before, edits) == after
    assert undo_edits(after, edits) == before
    assert edits[0].before == "built"
    assert edits_between(before, before) == ()


def test_words_are_found_one_after_the_other() -> None:
    assert spans("to be, or not to be", ["to", "be", "or", "not", "to", "be"])[4] == (14, 16)
    assert spans("a b", ["a", "x", "b"]) == [(0, 1), (1, 1), (2, 3)]
