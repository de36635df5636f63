"""The shipped lexicon against WordNet's published statistics, known answers, and NLTK's reader."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from robust.errors import UserError
from robust.words.lexicon import SHIPPED_SHA256, Lexicon, shipped_path

LEXICAL = ("antonyms", "derivationally_related_forms", "pertainyms")

# wnstats(7WN): unique strings, synsets and word-sense pairs of WordNet 3.0
STATISTICS = {
    "n": (117_798, 82_115, 146_312),
    "v": (11_529, 13_767, 25_047),
    "a": (21_479, 18_156, 30_002),
    "r": (4_481, 3_621, 5_580),
}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.open()


def test_the_shipped_file_is_the_one_that_is_pinned(lexicon: Lexicon) -> None:
    assert lexicon.sha256 == SHIPPED_SHA256
    assert lexicon.version == "3.0"


def test_the_licence_notice_travels_with_the_file_and_inside_it(lexicon: Lexicon) -> None:
    licence = shipped_path().with_name("LICENSE-WordNet.txt").read_text(encoding="utf-8")
    assert "Copyright 2006 by Princeton University" in licence
    assert "Copyright 2006 by Princeton University" in lexicon.notice
    assert "LICENSEE agrees to preserve same." in lexicon.notice


@pytest.mark.parametrize("pos", "nvar")
def test_it_has_as_many_words_synsets_and_senses_as_wordnet_publishes(lexicon: Lexicon, pos: str) -> None:
    strings, synsets, senses = STATISTICS[pos]
    lemmas = list(lexicon.all_lemmas(pos))
    assert len(lemmas) == strings
    assert len(lexicon.all_synsets(pos)) == synsets
    assert sum(len(lexicon.senses(lemma, pos)) for lemma in lemmas) == senses


def test_parts_of_speech_together_make_the_whole(lexicon: Lexicon) -> None:
    assert len(lexicon) == len(lexicon.all_synsets()) == 117_659
    assert [s for pos in "nvar" for s in lexicon.all_synsets(pos)] == list(lexicon.all_synsets())


def test_a_dog_is_a_canine(lexicon: Lexicon) -> None:
    dog = lexicon.synset("dog.n.01")
    assert dog == lexicon.senses("dog", "n")[0]
    assert lexicon.lemmas(dog) == ("dog", "domestic_dog", "Canis_familiaris")
    assert lexicon.pos(dog) == "n"
    assert lexicon.lexname(dog) == "noun.animal"
    assert lexicon.count("dog", dog) == 42
    assert lexicon.sense_key("dog", dog) == "dog%1:05:00::"
    assert [lexicon.name(s) for s in lexicon.related(dog, "hypernyms")] == [
        "canine.n.02",
        "domestic_animal.n.01",
    ]
    assert lexicon.synset("corgi.n.01") in lexicon.related(dog, "hyponyms")
    assert dog in lexicon.related(lexicon.synset("pack.n.06"), "member_meronyms")


def test_senses_come_in_wordnets_order(lexicon: Lexicon) -> None:
    names = [lexicon.name(s) for s in lexicon.senses("watch", "v")]
    assert names == [
        "watch.v.01",
        "watch.v.02",
        "watch.v.03",
        "watch.v.04",
        "watch.v.05",
        "watch.v.06",
        "determine.v.08",
    ]


def test_adjectives_include_satellites_and_count_them_as_wordnet_does(lexicon: Lexicon) -> None:
    senses = lexicon.senses("big", "a")
    assert [lexicon.name(s) for s in senses[:3]] == ["large.a.01", "big.s.02", "bad.s.02"]
    assert [lexicon.pos(s) for s in senses[:3]] == ["a", "s", "s"]
    assert lexicon.senses("big", "s") == senses
    assert lexicon.sense_key("big", senses[1]) == "big%5:00:00:important:00"
    assert lexicon.from_sense_key("big%5:00:00:important:00") == senses[1]


def test_antonyms_belong_to_the_word_and_not_to_its_synonyms(lexicon: Lexicon) -> None:
    large = lexicon.synset("large.a.01")
    assert lexicon.antonyms("large", large) == ("small",)
    assert lexicon.antonyms("big", large) == ("little",)
    assert set(lexicon.related(large, "antonyms")) == {lexicon.synset("small.a.01")}
    assert lexicon.synset("small.a.01") not in lexicon.related(large)


def test_relations_between_words_lead_to_words(lexicon: Lexicon) -> None:
    dental = lexicon.synset("dental.a.01")
    assert lexicon.lexically_related("dental", dental, "pertainyms") == (
        ("tooth", lexicon.synset("tooth.n.01")),
    )
    assert lexicon.related(dental, "pertainyms") == (lexicon.synset("tooth.n.01"),)


def test_frames_tell_a_transitive_verb_from_an_intransitive_one(lexicon: Lexicon) -> None:
    assert lexicon.frames("eat", lexicon.synset("eat.v.01")) == (8,)
    assert lexicon.frames("sleep", lexicon.synset("sleep.v.01")) == (2,)
    assert lexicon.frames("dog", lexicon.synset("dog.n.01")) == ()


def test_markers_tell_where_an_adjective_may_stand(lexicon: Lexicon) -> None:
    (asleep, *_) = (s for s in lexicon.senses("asleep", "a") if lexicon.marker("asleep", s))
    assert lexicon.marker("asleep", asleep) == "p"
    assert lexicon.marker("galore", lexicon.senses("galore", "a")[0]) == "ip"
    assert lexicon.marker("large", lexicon.synset("large.a.01")) == ""


@pytest.mark.parametrize(
    ("form", "pos", "lemmas"),
    [
        ("leaves", "n", ("leaf", "leave")),
        ("leaves", "v", ("leave",)),
        ("better", "a", ("better", "good", "well")),
        ("best", "r", ("best", "well")),
        ("geese", "n", ("goose",)),
        ("went", "v", ("go",)),
        ("founded", "v", ("found",)),
        ("found", "v", ("found", "find")),
        ("churches", "n", ("church",)),
        ("dog", "n", ("dog",)),
        ("denied", "v", ("deny",)),
        ("qwertyish", "a", ()),
        ("", "n", ()),
    ],
)
def test_morphy_finds_the_lemmas_of_an_inflected_form(
    lexicon: Lexicon, form: str, pos: str, lemmas: tuple[str, ...]
) -> None:
    assert lexicon.morphy(form, pos) == lemmas


def test_gloss_terms_are_the_content_lemmas_of_the_gloss(lexicon: Lexicon) -> None:
    bank = lexicon.synset("bank.n.01")
    whole = {lexicon.term(t): n for t, n in lexicon.gloss_terms(bank)}
    definition = {lexicon.term(t): n for t, n in lexicon.gloss_terms(bank, examples=False)}
    assert definition == {"body": 1, "especially": 1, "land": 1, "slope": 1, "sloping": 1, "water": 1}
    assert whole["bank"] == 2
    assert whole["canoe"] == 1
    assert "the" not in whole
    assert all(lexicon.term_id(term) is not None for term in whole)
    assert lexicon.term_id("the") is None


def test_the_arrays_say_what_the_methods_say(lexicon: Lexicon) -> None:
    indptr, terms, counts = lexicon.gloss_arrays
    starts, targets, names = lexicon.relation_arrays
    assert len(indptr) == len(starts) == len(lexicon) + 1
    assert indptr[-1] == len(terms) == len(counts)
    for synset in range(0, len(lexicon), 997):
        row = slice(indptr[synset], indptr[synset + 1])
        assert lexicon.gloss_terms(synset) == tuple(
            zip(terms[row].tolist(), counts[row].tolist(), strict=True)
        )
        pointers = slice(starts[synset], starts[synset + 1])
        kept = targets[pointers][names[pointers] != lexicon.relations.index("antonyms")]
        assert lexicon.related(synset) == tuple(dict.fromkeys(kept.tolist()))


def test_names_and_sense_keys_lead_back_to_their_synset(lexicon: Lexicon) -> None:
    for synset in range(0, len(lexicon), 37):
        assert lexicon.synset(lexicon.name(synset)) == synset
        for word in lexicon.lemmas(synset):
            assert lexicon.from_sense_key(lexicon.sense_key(word, synset)) == synset


def test_what_is_not_there_is_nothing_and_no_error(lexicon: Lexicon) -> None:
    assert not lexicon.known("flibberty")
    assert lexicon.known("united_states")
    assert lexicon.senses("flibberty", "n") == ()
    assert lexicon.senses("\ud800", "n") == ()
    assert lexicon.count("cat", lexicon.synset("dog.n.01")) == 0
    assert lexicon.antonyms("cat", lexicon.synset("dog.n.01")) == ()
    assert lexicon.from_sense_key("dog%1:05:99::") is None
    assert lexicon.from_sense_key("no key") is None
    assert lexicon.likeliest_lemma("flibberty") is None


@pytest.mark.parametrize(
    "name", ["dog", "dog.n", "dog.n.0", "dog.n.-1", "dog.n.99", "dog.x.01", "big.a.two", "large.s.01"]
)
def test_a_name_without_a_synset_is_refused(lexicon: Lexicon, name: str) -> None:
    with pytest.raises(ValueError, match="no synset is named"):
        lexicon.synset(name)


def test_unknown_relations_parts_of_speech_and_numbers_are_refused(lexicon: Lexicon) -> None:
    with pytest.raises(ValueError, match=r"no relation 'friends': one of hypernyms"):
        lexicon.related(0, "friends")
    with pytest.raises(ValueError, match="no part of speech 'x'"):
        lexicon.senses("dog", "x")
    with pytest.raises(ValueError, match=r"'cat' is not in dog\.n\.01"):
        lexicon.sense_key("cat", lexicon.synset("dog.n.01"))
    for number in (-1, len(lexicon)):
        with pytest.raises(IndexError):
            lexicon.lemmas(number)
        with pytest.raises(IndexError):
            lexicon.pos(number)


def test_a_pickled_lexicon_is_opened_again_in_another_process(lexicon: Lexicon) -> None:
    pickled = pickle.dumps(lexicon)
    assert len(pickled) < 1000
    assert pickle.loads(pickled) is lexicon
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer).synset('dog.n.01'))"
    answer = subprocess.run([sys.executable, "-c", program], input=pickled, capture_output=True, check=True)
    assert int(answer.stdout) == lexicon.synset("dog.n.01")


def test_the_mapped_arrays_cannot_be_written_to(lexicon: Lexicon) -> None:
    with pytest.raises(ValueError, match="read-only"):
        lexicon._arrays["member"][0] = 1


def test_broken_files_get_one_clear_line(tmp_path: Path) -> None:
    whole = shipped_path().read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 1
    later = bytearray(whole)
    later[8] += 1
    files = {
        "empty": (b"", "it is empty"),
        "short": (whole[:10], "not a lexicon of ours"),
        "foreign": (b"PK\x03\x04" + bytes(100), "not a lexicon of ours"),
        "truncated": (whole[:-1000], "truncated or damaged"),
        "headless": (whole[:40], "truncated or damaged"),
        "damaged": (bytes(damaged), "truncated or damaged"),
        "later": (bytes(later), "format 2, this version reads format 1"),
    }
    for name, (content, message) in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UserError, match=message) as caught:
            Lexicon.open(path)
        assert str(path) in str(caught.value)
        assert "compile_lexicon.py" in str(caught.value)
    with pytest.raises(UserError, match="No such file"):
        Lexicon.open(tmp_path / "missing")
    with pytest.raises(UserError, match="Is a directory"):
        Lexicon.open(tmp_path)


EVERY = 61
"""The oracle is asked about every 61st synset, as NLTK is slow; docs/lexicon.md tells of the run with 1."""


@pytest.mark.data
@pytest.mark.slow
def test_nltk_reads_the_same_from_the_database(lexicon: Lexicon, robust_data: Path) -> None:
    import nltk

    nltk.data.path.insert(0, str(robust_data / "nltk"))
    from nltk.corpus import wordnet

    wordnet.ensure_loaded()
    number = {}
    for pos, name in zip("nvar", ("noun", "verb", "adj", "adv"), strict=True):
        offsets = [line[:8] for line in wordnet.open(f"data.{name}") if not line.startswith("  ")]
        number.update({(pos, int(o)): s for o, s in zip(offsets, lexicon.all_synsets(pos), strict=True)})

    def ours(synset: object) -> int:
        return number["a" if synset._pos == "s" else synset._pos, synset._offset]  # type: ignore[attr-defined] # NLTK

    for lemma, by_pos in wordnet._lemma_pos_offset_map.items():
        for pos, offsets in by_pos.items():
            if pos in "nvar":
                assert lexicon.senses(lemma, pos) == tuple(number[pos, o] for o in offsets), lemma
    names = [name for name in lexicon.relations if hasattr(wordnet.synset("dog.n.01"), name)]
    assert len(names) >= 22
    for (pos, offset), synset in list(number.items())[::EVERY]:
        theirs = wordnet.synset_from_pos_and_offset(pos, offset)
        assert list(lexicon.lemmas(synset)) == theirs.lemma_names()
        assert lexicon.pos(synset) == theirs.pos()
        assert lexicon.lexname(synset) == theirs.lexname()
        if theirs.pos() != "s":  # numbered among satellites only from NLTK 3.10 on
            assert lexicon.name(synset) == theirs.name()
        pointers = theirs._pointers
        words = theirs.lemmas()
        between_words: dict[str, set[int]] = {name: set() for name in LEXICAL}
        for word in words:
            assert lexicon.sense_key(word.name(), synset) == word.key()
            assert lexicon.count(word.name(), synset) == word.count()
            if theirs._lemma_pointers:
                antonyms = tuple(w.name() for w in word.antonyms())
                assert lexicon.antonyms(word.name(), synset) == antonyms
                for name in LEXICAL:
                    between_words[name] |= {ours(w.synset()) for w in getattr(word, name)()}
        for name in LEXICAL:
            assert set(lexicon.related(synset, name)) == between_words[name]
        for name in names:
            expected = {ours(s) for s in getattr(theirs, name)()} if pointers else set()
            found = set(lexicon.related(synset, name))
            # ours adds what leads from a word of the synset, as some also_sees and domains do
            assert expected <= found, (lexicon.name(synset), name)
            if not theirs._lemma_pointers:
                assert found == expected, (lexicon.name(synset), name)


@pytest.mark.data
def test_nltks_morphy_agrees_on_every_exception_and_on_made_up_inflections(
    lexicon: Lexicon, robust_data: Path
) -> None:
    import nltk

    nltk.data.path.insert(0, str(robust_data / "nltk"))
    from nltk.corpus import wordnet

    wordnet.ensure_loaded()
    lemmas = list(lexicon.all_lemmas())
    chosen = np.random.default_rng(0).choice(len(lemmas), 800, replace=False)
    endings = ("", "s", "es", "ed", "ing", "er", "est", "d", "r")
    made_up = [lemmas[at].removesuffix("y") + ending for at in chosen for ending in endings]
    for pos in "nvar":
        forms = [*wordnet._exception_map[pos], *made_up]
        assert len(forms) > 7_000
        for form in forms:
            assert lexicon.morphy(form, pos) == tuple(wordnet._morphy(form, pos)), (form, pos)
