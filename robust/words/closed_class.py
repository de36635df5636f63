"""The closed classes of English: every tag a function word may bear, and how marks are tagged."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """Return the set of the words of a text, which is how long word lists are written here."""
    return frozenset(words.split())


_BY_TAG = {
    "IN": "aboard about above across after against albeit along alongside although amid amidst among "
    "amongst around as "
    "at atop because before behind below beneath beside besides between beyond but by concerning considering "
    "despite down during except for from if in inside into lest like near notwithstanding of off on once "
    "onto "
    "opposite out outside over past per regarding round since so than that though through throughout till "
    "toward "
    "towards under underneath unless unlike until unto up upon versus via vs vs. whereas whether while "
    "whilst with "
    "within without following including worth given",
    "RP": "about across along around away back by down in off on out over through up",
    "RB": "not n't about above across after ahead all along around as away back before behind below besides "
    "beyond but by down either prior else enough even ever first hence here however in indeed inside instead "
    "just last later less long meanwhile more most much near nearly neither never no nonetheless now off "
    "on once "
    "only otherwise out outside over perhaps quite rather since so sometimes somewhat still such that then "
    "there thereby therefore though through throughout thus together too under up very well when where yet "
    "today "
    "tomorrow yesterday tonight",
    "RBR": "more less lesser better worse further farther later earlier sooner longer faster harder closer",
    "RBS": "most least best worst",
    "DT": "a an the this that these those all any both each either every neither no some another half",
    "PDT": "all both half such quite many what",
    "WDT": "what which that whatever whichever",
    "WP": "what who whom whoever whomever whatever",
    "WP$": "whose",
    "WRB": "how when where why whenever wherever whereby wherein however",
    "PRP": "i you he she it we they me him her us them himself herself itself myself ourselves themselves "
    "yourself "
    "yourselves oneself one mine yours his hers ours theirs 's",
    "PRP$": "my your his her its our their",
    "EX": "there",
    "TO": "to",
    "CC": "and or but nor yet plus minus either neither both & versus",
    "MD": "can could may might must shall should will would ca wo sha cannot 'll 'd ought need dare",
    "POS": "'s '",
    "CD": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million "
    "billion "
    "trillion zero dozen",
    "UH": "yes no oh well ah please hello ok okay",
    "JJ": "prior such other own same many much few several certain various all like near past opposite "
    "following given "
    "inside outside more most less last first next second third fourth fifth sixth seventh eighth ninth "
    "tenth latter "
    "former only worth back just well then above over ill off long better best worse worst further later "
    "earlier "
    "least enough further only main overall through under alone alike unlike",
    "JJR": "lesser more less fewer better worse further farther later earlier larger greater lower higher",
    "JJS": "most least best worst fewest",
    "NN": "one half no. today tomorrow yesterday tonight past inside outside opposite back down second "
    "kind lot number "
    "plus need like well will must can might worth half enough none nothing something anything everything "
    "someone "
    "anyone everyone nobody somebody anybody everybody following dozen hundred thousand million",
    "NNS": "hundreds thousands millions billions dozens thanks means others ones",
    "VB": "be have do like need near back dare",
    "VBP": "are am have do 're 've 'm like need",
    "VBZ": "is has does 's",
    "VBD": "was were had did 'd given",
    "VBG": "being having doing following including considering regarding concerning",
    "VBN": "been had done given",
    "FW": "et al al. etc. i.e. e.g.",
    "SYM": "/ = + < > * # % @ ~ ^ | \\",
}


def _closed() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for tag, words in _BY_TAG.items():
        for word in words.split():
            found.setdefault(word, []).append(tag)
    for word in _STRICT.split():
        found[word] = [tag for tag in found[word] if tag in _STRICT_TAGS]
    return {word: tuple(tags) for word, tags in found.items()}


# Function words only, whatever a dictionary of rare senses says ("a" the letter, "at" the coin).
_STRICT = (
    "a an the and or nor of at by for with from into to be is was were been being am are has had having "
    "does did "
    "i he she it we they me him her us them his its our their my your you who whom whose which if because "
    "than in on"
)
_STRICT_TAGS = word_set(
    """
    IN DT CC TO PRP PRP$ WP WP$ WDT VB VBP VBZ VBD VBG VBN RP RB
    """
)

# Whole sets of tags of function words; a word that is here has no other tags, save those in OPEN_TOO.
CLOSED = _closed()
# Function words that are also words of open classes: the dictionary's tags are added to those above.
OPEN_TOO = word_set(
    """
    back long well like near past opposite following given including considering concerning regarding
    needs need second third fourth fifth sixth seventh eighth ninth tenth last first next further later
    earlier better best worse worst half like mine lot kind number plus worth own inside outside down
    round still even close less least more most main overall ill off over under faster harder closer
    longer larger greater lower higher dozen hundred thousand million just only fine minus except means
    others then alone alike do
    """
)

_MARKS = {
    ".": ".", "?": ".", "!": ".", ",": ",", ":": ":", ";": ":", "-": ":", "–": ":", "—": ":", "...": ":",
    "…": ":",
    "(": "-LRB-", "[": "-LRB-", "{": "-LRB-", ")": "-RRB-", "]": "-RRB-", "}": "-RRB-",
    "``": "``", "“": "``", "‘": "``", "''": "''", "”": "''", '"': "''", "$": "$",
    "£": "$", "€": "$", "¥": "$",
    "#": "#", "%": "NN", "&": "CC",
}  # fmt: skip


def mark_tag(text: str) -> str | None:
    """Return the tag of a token without letter or digit; None for words, and for the apostrophe."""
    tag = _MARKS.get(text)
    if tag:
        return tag
    if text in ("'", "’"):
        return None
    if text.startswith(("--", "..")):
        return ":"
    return None if any(c.isalnum() for c in text) else "SYM"
