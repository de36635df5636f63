"""From templates to cases: words drawn for the slots, texts filled in, copies changed; the same by seed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from robust.checklist.records import Case, CaseQuestion, Change, Item, Template, Test
from robust.checklist.slots import fill, slots_of, texts_of
from robust.errors import UserError
from robust.squad.records import Answer, Question

# draws that broke a condition or came before, until a template is taken to have no more cases
_TRIES = 200


def expand(test: Test, cases: int, seed: int = 0) -> list[Case]:
    """Return up to ``cases`` cases of a test, in turn from its templates; fewer where it has not so many.

    All differ. Raises UserError where a condition cannot be met, an answer stands not in its context, or
    an attack is not known.
    """
    made: list[Case] = []
    seen: set[tuple[str, str]] = set()
    open_templates = list(range(len(test.templates)))
    randoms = [_random(test, k, seed) for k in open_templates]
    while open_templates and len(made) < cases:
        for k in tuple(open_templates):
            if len(made) == cases:
                break
            case = _new_case(test, k, randoms[k], seed=seed, number=len(made), seen=seen)
            if case is None:
                open_templates.remove(k)
            else:
                made.append(case)
    if not made:
        raise UserError(f"{test.place}: test {test.name}: no case comes of its templates; see its attack")
    return made


def _random(test: Test, template: int, seed: int) -> Random:
    key = f"{test.full_name}|{template}|{seed}".encode()
    return Random(int.from_bytes(hashlib.sha256(key).digest()[:8], "big"))


def _new_case(
    test: Test, k: int, random: Random, *, seed: int, number: int, seen: set[tuple[str, str]]
) -> Case | None:
    """Return a case of a template that was not there before; None where none is left."""
    template = test.templates[k]
    where = f"{test.place}: test {test.name}, template {k + 1}"
    keys = _keys(template)
    # a template of single words has one case to give
    varied = any(len(test.lists[name]) > 1 for name in keys.values())
    for _ in range(_TRIES if varied else 1):
        drawn = _draw(template, keys, test, random, where)
        asked = [_asked(test, where, template, drawn, "")]
        texts = [(asked[0].question.text, asked[0].question.context)]
        if texts[0] in seen:
            continue
        seen.add(texts[0])
        for change in template.changes:
            copy = _changed(test, where, template, change, drawn, random=random, seed=seed)
            if copy is not None and (copy.question.text, copy.question.context) not in texts:
                asked.append(copy)
                texts.append((copy.question.text, copy.question.context))
        if template.changes and len(asked) == 1:
            continue  # an attack found nothing to change
        cluster = hashlib.sha256(template.context.encode()).hexdigest()[:12]
        return Case(
            test.full_name,
            test.kind,
            number,
            f"{test.full_name}/{cluster}",
            tuple(_named(test, number, place, one) for place, one in enumerate(asked)),
            _group(test, drawn),
        )
    return None


def _keys(template: Template) -> dict[str, str]:
    """Return slot -> list of a template, in the order in which they stand in its texts."""
    return {slot.key: slot.list_name for text in texts_of(template) for slot in slots_of(text)}


def _draw(
    template: Template, keys: Mapping[str, str], test: Test, random: Random, where: str
) -> dict[str, Item]:
    """Return an item for each slot, different ones of one list, that meet the template's conditions."""
    for _ in range(_TRIES):
        drawn: dict[str, Item] = {}
        for name in dict.fromkeys(keys.values()):
            own = [key for key, of in keys.items() if of == name]
            if len(own) > len(test.lists[name]):
                raise UserError(
                    f"{where}: slots {', '.join(own)}: list {name} has {len(test.lists[name])} words; add"
                )
            drawn |= zip(own, random.sample(test.lists[name], len(own)), strict=True)
        if all(_holds(one, drawn, where) for one in template.where):
            return drawn
    raise UserError(f"{where}: no words of its lists meet {', '.join(template.where)}; correct where")


def _holds(condition: str, drawn: Mapping[str, Item], where: str) -> bool:
    left, sign, right = condition.split(" ")
    one, two = drawn[left]["text"], drawn[right]["text"]
    if sign == "!=":
        return one != two
    try:
        return int(one.replace(",", "")) < int(two.replace(",", ""))
    except ValueError:
        raise UserError(
            f"{where}: where {condition!r} compares {one!r} and {two!r}; expected numbers"
        ) from None


def _asked(
    test: Test, where: str, template: Template, drawn: Mapping[str, Item], change: str
) -> CaseQuestion:
    """Return a template's question with its words; UserError where no answer stands in the context."""
    context, text = fill(template.context, drawn), fill(template.question, drawn)
    answers = []
    for answer in (fill(answer, drawn) for answer in template.answers):
        found = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", context)
        if found:
            answers.append(Answer(answer, found.start()))
        elif not answers:
            raise UserError(
                f"{where}: answer {answer!r} stands not in its context {context[:80]!r}; correct one of them"
            )
    question = Question(
        "", text, context, tuple(answers), test.capability, bool(answers), "", f"checklist:{test.full_name}"
    )
    return CaseQuestion(question, change, {key: item["text"] for key, item in drawn.items()})


def _changed(
    test: Test,
    where: str,
    template: Template,
    change: Change,
    drawn: Mapping[str, Item],
    *,
    random: Random,
    seed: int,
) -> CaseQuestion | None:
    """Return the changed copy of a case; None where the attack finds nothing to change."""
    words = dict(drawn)
    for key, name in change.slots.items():
        taken = {item["text"] for item in words.values()}
        free = [item for item in test.lists[name] if item["text"] not in taken]
        if not free:
            raise UserError(f"{where}: list {name} has no word left for slot {{{key}}}; add some")
        words[key] = random.choice(free)
    if change.swap:
        one, two = change.swap
        words[one], words[two] = words[two], words[one]
    other = Template(
        change.context or template.context,
        change.question or template.question,
        template.answers if change.answers is None else change.answers,
    )
    asked = _asked(test, where, other, words, change.about)
    if change.attack is None:
        return asked
    return _attacked(test, where, change, asked, seed)


def _attacked(test: Test, where: str, change: Change, asked: CaseQuestion, seed: int) -> CaseQuestion | None:
    from robust.attack.registry import make

    try:
        attack = make(str(change.attack), **change.settings)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    if test.kind == "INV" and attack.expected != "same":
        raise UserError(f"{where}: {attack.name} changes the answer; an INV needs an attack that keeps it")
    if attack.edits_field != "question" or attack.needs is not None:
        raise UserError(f"{where}: {attack.name} edits contexts or asks a model; expected another")
    question = asked.question
    # the attack draws its chance from the id, in which no path stands: a suite is the same wherever it lies
    variants = attack.variants(replace(question, id=f"{test.full_name}|{question.text}"), seed)
    if not variants:
        return None
    return replace(asked, question=replace(question, text=variants[0].question))


def _named(test: Test, number: int, place: int, asked: CaseQuestion) -> CaseQuestion:
    """Return a question with its id, whose end is a digest of its texts: no other question has it."""
    q = asked.question
    digest = hashlib.sha256(f"{q.text}\0{q.context}".encode()).hexdigest()[:8]
    paragraph = hashlib.sha256(q.context.encode()).hexdigest()[:12]
    identifier = f"{test.full_name}/{number:03}.{place}-{digest}"
    return replace(asked, question=replace(q, id=identifier, paragraph_id=f"{q.article}:{paragraph}"))


def _group(test: Test, drawn: Mapping[str, Item]) -> str | None:
    if test.by is None:
        return None
    key, _, form = test.by.partition(".")
    return drawn[key][form or "text"]


def questions_of(cases: Sequence[Case]) -> list[Question]:
    """Return every question of the cases, in order."""
    return [asked.question for case in cases for asked in case.asked]
