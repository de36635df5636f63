"""The searches, on a reader whose loss can be worked out by hand: each telling word adds to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest

from robust.attack.base import Attack, Edits
from robust.attack.records import Edit
from robust.attack.registry import make
from robust.attack.scene import Scene
from robust.attack.scorers import NO_SCORERS
from robust.attack.search import Plan, SearchOutcome, check_searchable, make_strategy, search
from robust.attack.sites import Site, SiteAttack
from robust.errors import UserError
from robust.squad.records import Question

TABLE = {"one": ("uno", "eins"), "two": ("dos", "zwei", "deux"), "three": ("tres",), "four": ("quatre",)}
FOREIGN = {word for others in TABLE.values() for word in others}
MILD = dict.fromkeys(FOREIGN, 0.1)  # every edit makes it worse, none of them enough
STRATEGIES = ["greedy", "beam", "worst-of-k", "genetic"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Translate(SiteAttack):
    """Puts foreign number words in the place of English ones."""

    name: ClassVar[str] = "translate.v1"

    def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
        found, last = [], 0
        for word in scene.question.text.split():
            start = scene.question.text.index(word, last)
            last = start + len(word)
            edits = [Edit("question", start, last, word, other) for other in TABLE.get(word, ())]
            if edits:
                found.append(Site(tuple(edits)))
        return found


@dataclass(frozen=True, kw_only=True, repr=False)
class Whole(Attack):
    """Lists no places: another first word in every throw."""

    name: ClassVar[str] = "whole.v1"

    def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
        first = scene.question.text.split()[0]
        return [(Edit("question", 0, len(first), first, f"word{seed % 3}"),)]


class Words:
    """A reader whose loss is that of the words it hates, less a bit; it remembers every text."""

    sha256 = "3" * 64

    def __init__(self, hates: dict[str, float], start: float = -1.0) -> None:
        self.hates, self.start = hates, start
        self.asked: list[str] = []
        self.calls = 0

    def loss(self, questions: Sequence[Question]) -> list[float]:
        self.calls += 1
        self.asked += [f"{q.id.partition('#')[0]}: {q.text}" for q in questions]
        return [self.start + sum(self.hates.get(w, 0.0) for w in q.text.split()) for q in questions]


def question(text: str = "one two three four", name: str = "q") -> Question:
    return Question(name, text, "Some context.", (), "T", False, "T:1", "T")


def run(
    reader: Words, strategy: str, *questions: Question, attack: Attack | None = None, **how: object
) -> list[SearchOutcome]:
    budget, most = int(str(how.pop("budget", 100))), how.pop("most", None)
    at_once = int(str(how.pop("at_once", 8)))
    plan = Plan(attack or Translate(), make_strategy(strategy, **how), budget, most)  # type: ignore[arg-type]
    return list(search(questions or (question(),), plan, reader, NO_SCORERS, at_once=at_once))


def test_greedy_edits_the_most_telling_place_first_and_stops_at_success():
    reader = Words({"dos": 0.5, "deux": 0.7, "tres": 0.4, "uno": 0.1})
    (found,) = run(reader, "greedy", importance="edit", at_a_time=0)
    assert found.success
    assert [edit.after for edit in found.edits] == ["deux", "tres"]
    # itself, 4 first edits, two further ones of "two"; "three" with "deux" for "two": 8
    assert found.queries == len(reader.asked) == 8
    assert found.repeated == 1  # the first edit of "two" was scored for its importance
    assert (found.before, found.after) == (-1.0, pytest.approx(0.1))


def test_a_place_whose_edits_do_not_make_it_worse_stays_as_it_is():
    (found,) = run(Words({"dos": 0.5, "uno": -0.3, "eins": -0.2}), "greedy")
    assert not found.success
    assert [edit.after for edit in found.edits] == ["dos"]


@pytest.mark.parametrize(
    ("importance", "looked_at"), [("deletion", "two three four"), ("unknown", "[UNK] two three four")]
)
def test_hiding_a_word_tells_how_important_it_is_but_is_no_outcome(importance: str, looked_at: str):
    reader = Words({"one": -5.0, "zwei": 2.0}, start=4.0)  # without "one" it is wrong at once
    (found,) = run(reader, "greedy", importance=importance)
    assert f"q: {looked_at}" in reader.asked
    assert found.success
    assert [edit.after for edit in found.edits] == ["uno"]


@pytest.mark.parametrize("importance", ["deletion", "unknown"])
def test_a_place_that_only_inserts_is_as_important_as_its_first_edit(importance: str):
    @dataclass(frozen=True, kw_only=True, repr=False)
    class Insert(SiteAttack):
        name: ClassVar[str] = "insert.v1"

        def sites(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Site]:
            first = Edit("question", 0, 2, "a ", "an old ")  # its article goes with it
            return [Site((first,)), Site((Edit("question", 6, 6, "", "new "),))]

    reader = Words({"new": 2.0})
    (found,) = run(reader, "greedy", question("a bee two"), attack=Insert(), importance=importance)
    assert [edit.after for edit in found.edits] == ["new "]
    assert reader.asked[1:] == ["q: an old bee two", "q: a bee new two"]


def test_overlap_orders_places_by_the_context_and_asks_nothing_for_it():
    reader = Words({"tres": 2.0})
    asked = Question("q", "one two three four", "about three", (), "a", True, "s", "p")
    (found,) = run(reader, "greedy", asked, importance="overlap")
    assert found.success
    assert reader.asked == ["q: one two three four", "q: one two tres four"]


@pytest.mark.parametrize(("step", "queries"), [(0, 10), (1, 8)])
def test_fewer_edits_at_a_time_find_the_same_with_fewer_queries(step: int, queries: int):
    reader = Words({"uno": 0.9, "dos": 2.0})
    (found,) = run(reader, "greedy", importance="unknown", at_a_time=step)
    assert found.success
    assert found.queries == queries


def test_a_beam_finds_what_greedy_does_not():
    class Pair(Words):
        """Hates "eins" and "tres" together; "dos" alone looks better."""

        def loss(self, questions: Sequence[Question]) -> list[float]:
            plain = super().loss(questions)
            both = [{"eins", "tres"} <= set(q.text.split()) for q in questions]
            return [loss + 3.0 * one for loss, one in zip(plain, both, strict=True)]

    hates = {"dos": 0.5, "tres": -0.1, "eins": -0.2}
    (greedy,) = run(Pair(hates), "greedy")
    (beam,) = run(Pair(hates), "beam", width=20)
    assert not greedy.success
    assert beam.success
    assert {edit.after for edit in beam.edits} >= {"eins", "tres"}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("budget", [1, 2, 3, 7])
def test_never_more_texts_are_scored_than_the_budget_allows(strategy: str, budget: int):
    reader = Words({})
    (found,) = run(reader, strategy, budget=budget)
    assert found.queries == len(reader.asked) == len(set(reader.asked))
    assert found.queries <= budget
    assert not found.success


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_comes_of_a_question_does_not_depend_on_the_others(strategy: str):
    hates = {"deux": 0.7, "tres": 0.6, "eins": 0.2}
    texts = ["one two three four", "two two one", "four", "none at all", "three one"]
    questions = [question(text, f"q{k}") for k, text in enumerate(texts)]
    merged = {o.question_id: o for o in run(Words(hates), strategy, *questions, at_once=100)}
    alone = {o.question_id: o for q in reversed(questions) for o in run(Words(hates), strategy, q, at_once=1)}
    assert merged == alone
    assert len(merged) == len(questions)


def test_the_requests_of_many_questions_are_merged():
    questions = [question(name=f"q{k}") for k in range(50)]
    reader = Words({})
    run(reader, "greedy", *questions, at_once=200)
    alone = Words({})
    run(alone, "greedy", questions[0])
    assert reader.calls == alone.calls


def test_no_call_of_the_reader_has_more_texts_than_at_once():
    sizes: list[int] = []

    class Counting(Words):
        def loss(self, questions: Sequence[Question]) -> list[float]:
            sizes.append(len(questions))
            return super().loss(questions)

    run(Counting({}), "worst-of-k", *(question(name=f"q{k}") for k in range(20)), at_once=7)
    assert max(sizes) == 7


def test_a_question_that_is_wrong_as_it_is_costs_one_query():
    (found,) = run(Words({}, start=0.5), "greedy")
    assert (found.clean_right, found.success, found.queries, found.edits) == (False, False, 1, ())


def test_a_question_without_a_place_costs_one_query():
    (found,) = run(Words({}), "greedy", question("nothing here"))
    assert (found.clean_right, found.success, found.queries, found.places) == (True, False, 1, 0)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_candidate_that_breaks_a_constraint_is_scored(strategy: str):
    reader = Words(MILD)
    attack = Translate(constraints=("edit-rate<=0.25",))  # of four words: one
    (found,) = run(reader, strategy, attack=attack)
    assert max(len(FOREIGN & set(text.split())) for text in reader.asked) == 1
    assert found.rejected["candidate: edit-rate"] > 0


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_more_places_are_edited_than_was_asked_for(strategy: str):
    reader = Words(MILD)
    run(reader, strategy, most=2)
    assert max(len(FOREIGN & set(text.split())) for text in reader.asked) == 2


def test_of_several_that_succeed_the_least_change_is_taken():
    (found,) = run(Words({"uno": 2.0, "dos": 9.0}), "worst-of-k", samples=60)
    assert found.success
    assert len(found.edits) == 1


def test_the_same_seed_finds_the_same_and_another_draws_otherwise():
    asked = []
    for seed in (0, 0, 1):
        reader = Words({})
        plan = Plan(Translate(), make_strategy("genetic"), 30, None, seed)
        list(search([question()], plan, reader, NO_SCORERS))
        asked.append(reader.asked)
    assert asked[0] == asked[1] != asked[2]


def test_an_attack_without_places_is_sampled_and_its_repeated_draws_are_one():
    (found,) = run(Words({"word2": 3.0}), "worst-of-k", attack=Whole(), samples=5)
    assert found.success
    assert [edit.after for edit in found.edits] == ["word2"]
    assert found.queries == 4


def test_the_throws_of_one_seed_are_none_of_the_next_and_what_they_refuse_is_counted():
    seeds: dict[int, list[int]] = {0: [], 1: []}

    @dataclass(frozen=True, kw_only=True, repr=False)
    class Noting(Whole):
        def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
            seeds[now].append(seed)
            rejected["word: name"] += 2
            return super().rewrite(scene, seed, rejected)

    for now in (0, 1):
        plan = Plan(Noting(), make_strategy("worst-of-k", samples=16), 50, None, now)
        (found,) = search([question()], plan, Words({}), NO_SCORERS)
        assert found.rejected == {"word: name": 2}  # the same words in every throw
    assert len(set(seeds[0] + seeds[1])) == 2 * 64  # three wordings: drawn again four times


def test_of_an_attack_without_places_no_variant_of_more_edits_is_scored_than_was_asked_for():
    @dataclass(frozen=True, kw_only=True, repr=False)
    class Twice(Whole):
        def rewrite(self, scene: Scene, seed: int, rejected: Counter[str]) -> Sequence[Edits]:
            (one,) = super().rewrite(scene, seed, rejected)
            return [one, (*one, Edit("question", 4, 7, "two", "zwei"))]

    reader = Words({"zwei": 3.0})
    (found,) = run(reader, "worst-of-k", attack=Twice(), most=1)
    assert not found.success
    assert not any("zwei" in text for text in reader.asked)
    assert found.rejected == {"candidate: too many edits": 1}
    assert run(Words({"zwei": 3.0}), "worst-of-k", attack=Twice(), most=2)[0].success
    assert run(Words({}), "worst-of-k", attack=Twice(), most=0)[0].edits == ()


def test_greedy_refuses_an_attack_without_places_and_names_those_that_have_them():
    with pytest.raises(UserError, match=r"identity\.v1: lists no places.*qads\.v1.*worst-of-k") as told:
        check_searchable(make("identity.v1"), make_strategy("greedy"))
    assert "first-sense" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("greddy", {}, "did you mean greedy"),
        ("beam", {"depth": 3}, "no setting 'depth'; it has: width"),
        ("beam", {"width": 0}, "expected a number from 1"),
        ("greedy", {"importance": "gradient"}, "expected edit or deletion or unknown or overlap"),
        ("greedy", {"at_a_time": -1}, "expected a number from 0"),
        ("genetic", {"population": "many"}, "expected a whole number"),
    ],
)
def test_a_wrong_strategy_is_told_in_one_line(name: str, settings: dict[str, object], said: str):
    with pytest.raises(UserError, match=said):
        make_strategy(name, **settings)


def test_qads_offers_all_safe_substitutes_of_every_word_best_first(questions: list[Question]):
    attack = make("qads.v1", edits=1, least_safety=0.2)
    several = 0
    for one in questions:
        sites = attack.sites(Scene(one), 0, Counter())  # type: ignore[attr-defined] # it has places
        built = attack.variants(one, 0)
        assert bool(sites) == bool(built)
        if built:
            assert sites[0].edits[0] == built[0].edits[0]  # what is built is the best of the best place
        for site in sites:
            safety = [float(edit.reason.removeprefix("safety ")) for edit in site.edits]
            assert safety == sorted(safety, reverse=True)
            assert min(safety) >= 0.2
            assert len({(edit.start, edit.end) for edit in site.edits}) == 1
            several += len(site.edits) > 1
    assert several
