"""Lists of words that substitution treats apart: what it never introduces, what it leaves alone."""

from __future__ import annotations

import codecs
from functools import cache

from robust.attack.word_files import lines
from robust.words.closed_class import word_set

# WordNet's usage domains whose members are no plain English of today.
MARKED_USAGE = word_set(
    "archaism.n.01 slang.n.02 colloquialism.n.01 disparagement.n.01 ethnic_slur.n.01 obscenity.n.02 "
    "dialect.n.01 regionalism.n.01 trademark.n.02 trade_name.n.01 combining_form.n.01 blend.n.02 "
    "street_name.n.02 yiddish.n.01 plural.n.01 irony.n.03 wit.n.01"
)
# Archaic or poetic words that are frequent enough to pass the frequency floor (old books, names of places).
ARCHAIC = word_set(
    "thou thee thy thine ye hath doth art wilt shalt whence whither hither thither hence yon yonder ere "
    "twain betwixt wherefore yore methinks forsooth anon nigh oft afore aught naught nought ken hark lo "
    "quoth smite slay behold maiden damsel knave foe steed isle realm morn eve brethren kinfolk kinsfolk "
    "wed spouse babe lad lass chap fellow guy cat dude bloke sire beget fain lief perchance mayhap verily "
    "whilom olden brand garb raiment deem bide abide dwell sup stead sooner gaol connexion shew"
)
# Verbs that mean little by themselves, neither replaced nor put in another's place.
LIGHT_VERBS = word_set(
    "be have do get make take go come give put let set keep become seem run turn bring hold lead play work "
    "call stand pass lie draw fall cut carry break raise leave meet see look know think find say tell "
    "feel mean view"
)
# Words that readers seldom take in the sense in which WordNet makes them synonyms of a common word, or that
# do not fit its place in a sentence (a war is fought, not struggled); seen in edits.
UNFIT = word_set("law creation existence regime player orbiter quarry cyberspace nutrient struggle granted")
# Nouns that point at another noun ("the kind of rock") or count it; a synonym shifts what is asked for.
POINTERS = word_set(
    "kind type sort form number amount quantity lot bit piece percent percentage degree name term word "
    "part way thing example case fact point end side order time year month week day hour minute second "
    "century decade people person man woman one letter figure size age title level range rate place line "
    "set group state area region district territory"
)


@cache
def blocked() -> frozenset[str]:
    """Return the words that no attack may put into a question."""
    return frozenset(codecs.decode(line, "rot13") for line in lines("blocked.rot13.txt"))
