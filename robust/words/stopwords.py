"""English function words: never a content word of a gloss or of a context, never substituted.

The list is our own: the closed classes (articles, pronouns, prepositions, conjunctions, auxiliaries,
wh-words, quantifiers, contractions without their apostrophes) and a few abbreviations that dictionaries
use. Changing it changes the gloss bags, and so the bytes of the lexicon: `python tools/compile_lexicon.py`
and a new pin go with it.
"""

from __future__ import annotations

_FUNCTION_WORDS = """
a an the this that these those such same other another both either neither each every all any some no none
one ones two much many more most few fewer less least several enough half own

i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her
hers herself it its itself they them their theirs themselves thou thee thy thine ye
somebody someone something anybody anyone anything nobody nothing everybody everyone everything
who whom whose which what whoever whomever whichever whatever when whenever where wherever why how however

about above across after against along amid amidst among amongst around as at before behind below
beneath beside besides between beyond but by concerning despite down during except for from in inside
into like near next of off on onto opposite out outside over past per regarding round since than through
throughout till to toward towards under underneath until unlike up upon versus via with within without

and or nor so yet if unless because although though while whereas whether lest once

be am is are was were been being isn't aren't wasn't weren't
have has had having haven't hasn't hadn't
do does did doing done don't doesn't didn't
can could may might must shall should will would ought need dare used
can't cannot couldn't mayn't mightn't mustn't shan't shouldn't won't wouldn't needn't
get gets got let's

not never ever also too very just only even still already again almost quite rather then there here now
thus hence therefore thereby thereof therein else otherwise instead perhaps maybe together away back
first last ago soon often sometimes always usually

isnt arent wasnt werent havent hasnt hadnt dont doesnt didnt cant couldnt shouldnt wont wouldnt i'm i've
i'd i'll you're you've you'd you'll he's he'd he'll she's she'd she'll it's it'd it'll we're we've we'd
we'll they're they've they'd they'll that's that'd there's there'd here's who's who'd what's where's
when's why's how's ain't y'all ll re ve

etc eg ie cf vs viz usu esp
"""
STOP_WORDS: frozenset[str] = frozenset(_FUNCTION_WORDS.split())


def is_stop_word(word: str) -> bool:
    """Return whether ``word``, in any case, is a function word."""
    return word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") in STOP_WORDS
