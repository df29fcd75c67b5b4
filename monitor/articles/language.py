"""The language of a text, also of a short one.

Decides by function words and letters, which settle any text of some sentences in microseconds; then, for
headlines, by the endings and letter pairs that tell Finnish from Swedish; then by simplemma's dictionaries
for what is left (names, other languages), which take seconds to load and so are asked only then. Knows
nothing of feeds: what an outlet says of its language is a hint the caller may weigh.
"""

import re
from collections import Counter
from dataclasses import dataclass

UNKNOWN = "und"

# The commonest words that carry no topic. Words two of the languages share (Swedish and Norwegian
# "en", Finnish and Estonian "on") stand in both and so decide nothing between them.
_FUNCTION_WORDS = {
    "fi": "ja on ei se että oli ovat mutta myös kun joka jotka sen tai hän ole kuin mukaan voi vain jo nyt "
    "vielä niin eivät olla sekä jos mitä koko ennen jälkeen kanssa hänen tämä tämän siitä sitä olisi "
    "pitää kertoo sanoo yli noin yksi kaksi kaikki enää eikä joiden johon jossa minkä mikä miksi "
    "miten ensi viime viikolla vuonna vuoden alkaa tulee saa",
    "sv": "och i en att det är som en på av för med till inte den har de om ett men var sig så vi från man när "
    "år kan under också efter eller nu vid mot ska skulle där alla andra mycket mer hur blir "
    "kommer över bara varit hade får vill säger sina sin sitt utan mellan mellan finns ut upp inom "
    "inför enligt flera dem då här oss många ur åt än vilket vara",
    "en": "the of and to in is that for was on are with as at be this have from or by not but what all were "
    "we when your can said there which their will would how has more if no been who its they it he "
    "she you after says over new into",
    "se": "lea leat ii dat mii ahte maid go leamaš dan dain dás leai eai sii son mun manne galgá sáhttá "
    "bokte dahje muhto nuppi vuosttaš",
    "no": "og er det på av for med til ikke den har de om et men var seg så vi fra når år kan under også "
    "etter eller nå ved mot skal skulle der alle andre mye mer hvordan blir kommer over bare vært "
    "hadde får vil sier sine sin sitt uten mellom en i jeg noe hvor",
    "da": "og er det på af for med til ikke den har de om et men var sig så vi fra når år kan under også "
    "efter eller nu ved mod skal skulle der alle andre meget mere hvordan bliver kommer over kun "
    "været havde får vil siger sine sin sit uden mellem en i jeg noget hvor",
    "et": "ja on ei et see oli kui ka mis ning aga seda ta kes või oma nii veel siis pole ma olid mille "
    "selle sest kuid pärast juba väga olla tema",
    "de": "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden "
    "aus er hat dass sie nach wird bei einer um am sind noch wie über war",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
_LETTERS = {
    "se": re.compile(r"[đŋŧ]"),
    "da": re.compile(r"[æø]"),
    "no": re.compile(r"[æø]"),
    "et": re.compile(r"õ"),
    "de": re.compile(r"ß"),
}
# Only between Finnish and Swedish, and only where no English or Norwegian word stands in the way.
_ENDINGS = {
    "fi": re.compile(
        r"\w*(ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|ksi|[aeiouyäö]{2}n|nen|set|tt[aä]|[vj][aä]t|kset|[ij]en|eet|"
        r"[uy]t|[uy][uy]|[aeoiuyäö]i|yö|ja|jä|n[aä]|iset|uus|yys|in)|\w*(aa|ää|uu|yy|ii|uo|yö|hd|lm)\w*"
    ),
    "sv": re.compile(
        r"\w*(ar|er|or|en|et|ing|ningar?|het|ade|ats|igt|iga|isk|skt|ska|tion|ande|else|are|erna|arna|"
        r"orna|and|ard|ås|ds|gs|ns|rs)|\w*([å]|ck|rd|sj|skj|dl|gr|fr|kv|x)\w*"
    ),
}
_STRANGE = re.compile(r"[æøõđŋŧßw]|th|\w+y$|sh|wh|oo")
_ENDING_VOTES = 2
_ENDING_LEAD = 3
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_WORD = re.compile(r"[^\W\d_]+")

# A text is settled by function words when it holds this many and the best language leads by this much.
# On the sample newsroom's 442 headlines and 386 leads all but one headline come out right.
_ENOUGH_WORDS = 4
_CLEAR_LEAD = 1.5
_DICTIONARY_WORDS = 60  # what the dictionaries are asked about at most
_DICTIONARIES = ("fi", "sv", "en", "se")


@dataclass(frozen=True, slots=True)
class Language:
    """What a text is written in."""

    code: str  # ISO 639-1, "und" where it cannot be told
    confidence: float  # [0, 1]; 0 for "und"


def detect(text: str, *, dictionaries: bool = True) -> Language:
    """The main language of `text`; "und" for a text without words or with a tie.

    Without `dictionaries` also where only they could tell.
    """
    words = [w.lower() for w in _WORD.findall(text[:20_000])]
    if not words:
        return Language(UNKNOWN, 0.0)
    if len(_CYRILLIC.findall(text[:2000])) > len(text[:2000]) / 3:
        return Language("ru", 0.9)
    quick = _by_function_words(words) or _by_endings(words)
    if quick or not dictionaries:
        return quick or Language(UNKNOWN, 0.0)
    return _by_dictionaries(words)


def _by_function_words(words: list[str]) -> Language | None:
    counts = Counter(words)
    scores = {code: float(sum(counts[w] for w in own)) for code, own in _WORDS.items()}
    joined = " ".join(words[:400])
    for code, letters in _LETTERS.items():
        scores[code] += 3.0 * len(letters.findall(joined))
    (best, top), (_, second) = Counter(scores).most_common(2)
    if top < max(_ENOUGH_WORDS, len(words) / 40) or top < _CLEAR_LEAD * second:
        return None
    return Language(best, round(top / (top + second), 3))


def _by_endings(words: list[str]) -> Language | None:
    long = [w for w in words[:200] if len(w) > 3]
    foreign = _WORDS["en"] | _WORDS["no"] | _WORDS["da"] | _WORDS["et"] | _WORDS["de"]
    own = _WORDS["fi"] | _WORDS["sv"]
    if any(_STRANGE.search(w) for w in words) or any(w in foreign and w not in own for w in words):
        return None
    votes = {
        code: sum(bool(form.fullmatch(w)) for w in long) + len(_WORDS[code].intersection(words))
        for code, form in _ENDINGS.items()
    }
    (best, top), (_, second) = Counter(votes).most_common(2)
    if top < _ENDING_VOTES or top < _ENDING_LEAD * second:
        return None
    return Language(best, round((top + 1) / (top + second + 2), 3))


def _by_dictionaries(words: list[str]) -> Language:
    # Here, because the dictionaries load at first use: seconds, and 110 MB in the lean form.
    from simplemma import langdetect

    found = dict(langdetect(" ".join(words[:_DICTIONARY_WORDS]), _DICTIONARIES, low_memory=True))
    found.pop("unk", None)
    if not found:  # no word long enough to look up, or a script that none of them is written in
        return Language(UNKNOWN, 0.0)
    hints = {code: len(_WORDS[code].intersection(words)) / len(words) for code in found}
    (best, top), (_, second) = Counter({c: found[c] + hints[c] for c in found}).most_common(2)
    if top <= 0 or top == second:
        return Language(UNKNOWN, 0.0)
    return Language(best, round(min(1.0, top) * top / (top + second), 3))
