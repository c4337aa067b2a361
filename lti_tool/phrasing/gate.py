"""What may be shown of what a language model said: nothing that the facts do not say: pure. Floor 3.

A text passes whole or not at all. Each figure and date must stand in the facts with its own name and its own unit
(`slots`); a law, a code, a name, a quotation and a currency must be named there; an address, markup and a judgement of
whoever reads it never pass. What no check of this kind can see is a sentence that is wrong without any of these, which
is why the page shows the explanation of its own first, and says whose text this is.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from lti_tool.phrasing import facts as known
from lti_tool.phrasing import slots
from lti_tool.phrasing.facts import Facts
from lti_tool.phrasing.slots import Slot

VERSION = "1"
"""Changes with what passes: texts that an earlier check let through are not shown any more."""
SHORTEST, LONGEST = 20, {"en": 700, "zh": 320}
FAULTS = (
    "empty", "long", "signs", "address", "language", "judges", "refuses",
    "rule", "quote", "code", "currency", "name", "share", "figure",
)  # fmt: skip
"""Why a text is dropped: the first that is found."""
_SIGNS = re.compile(r"[<>{}\[\]`|\\#^~*_@]|&\w+;|&#")
_ADDRESS = re.compile(r"https?:|www\.|://|\b[a-z0-9-]+\.[a-z]{2,}\b", re.IGNORECASE)
_HAN = re.compile("[\u4e00-\u9fff]")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]*")
_COMMON = frozenset(
    slots.listed("the a an is are of to and in it you your for that this not on with be only than as so")
)
_JUDGES = re.compile(
    r"\b(your|the learner'?s?) (answer|result|figure|calculation|method) (is|was|are) (\w+ ){0,2}(correct|right|wrong|"
    r"incorrect|fine|good)\b|\byou (are|were) (\w+ )?(correct|right|wrong)\b|\b(grades?|graded|scores?|scored|marks?|"
    r"marked|well done|good job|congratulations)\b|\byou (have )?(passed|failed)\b(?! over)|"
    r"(答案|回答|结果|计算)(\S{0,3})(正确|没错|错误|不对)|"
    r"你(答|做|算)?(对|错)了|得分|评分|打分|满分|及格|恭喜",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(as an ai|language model|system prompt|(previous|prior|above) instructions?|i cannot|i can't|i'm sorry|"
    r"i am sorry)\b|语言模型|人工智能助手|抱歉|以上指令|系统提示",
    re.IGNORECASE,
)
_RULES = re.compile(
    r"\b(rules?|laws?|regulations?|directives?|acts?|articles?|sections?|treat(?:y|ies)|conventions?|agreements?|"
    r"decrees?|statutes?|codes?)\b|规则|规定|法规|条例|指令|法律|办法|公约|协定|条款|第\s*\S{1,4}\s*条|税法",
    re.IGNORECASE,
)
_QUOTE = re.compile(r"[“\"「『《](?P<said>[^”\"」』》]*)[”\"」』》]?")
_CODE = re.compile(r"(?<![\w.])(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z/_])[\w./-]*\w")
_SHARES = re.compile(
    r"\b(half|halves|twice|double[ds]?|doubling|triple[ds]?|thirds?|quarters?|tenfold|tenth|tenths|-fold)\b|一半|半数|翻倍|加倍|"
    r"双倍|翻番|[数几]倍|分之",
    re.IGNORECASE,
)
_UNSAID = re.compile(r"[⁄½⅓¼¾]")
_STARTERS = frozenset(
    slots.listed(
        "so then first next here now remember think in finally however instead therefore thus also note still again "
        "otherwise always never once if when for because since as but and yes no well only"
    )
)


def line(text: str) -> str:
    """A text on one line, as it is shown."""
    return " ".join(text.split())


def clean(text: str) -> str:
    """A text on one line, as it is looked at."""
    return line(slots.plain(text))


def fault(text: str, facts: Facts) -> str:
    """Why a text must not be shown, one of `FAULTS`; empty if it may.

    Args:
        text: On one line.
        facts: All that it may say.
    """
    text = clean(text)
    if not SHORTEST <= len(text) <= LONGEST[facts.language]:
        return "empty" if len(text) < SHORTEST else "long"
    ground = slots.plain("\n".join(known.lines(facts)))
    there = ground.casefold()
    for name, found in (
        ("signs", _signs(text)),
        ("address", bool(_ADDRESS.search(text))),
        ("language", not _in_language(text, facts.language)),
        ("judges", bool(_JUDGES.search(text))),
        ("refuses", bool(_REFUSES.search(text))),
        ("rule", not _within(_RULES, text, there)),
        ("quote", not _within(_QUOTE, text, there)),
        ("code", not _within(_CODE, _without_units(text), there)),
        ("currency", not _currencies(text) <= _currencies(ground)),
        ("name", not _names_known(text, ground, facts.language)),
        ("share", bool(_UNSAID.search(text)) or not _within(_SHARES, text, there)),
        ("figure", not _figures_known(text, facts)),
    ):
        if found:
            return name
    return ""


def _signs(text: str) -> bool:
    """Whether it has markup, or a letter that cannot be seen or is a digit of another script."""
    return bool(_SIGNS.search(text)) or any(
        unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Cn"}
        or (unicodedata.category(letter) in {"Nd", "Nl", "No"} and not letter.isascii() and letter != "³")
        for letter in text
    )


def _in_language(text: str, language: str) -> bool:
    han, latin = len(_HAN.findall(text)), sum(letter.isascii() and letter.isalpha() for letter in text)
    letters = sum(letter.isalpha() for letter in text)
    if language == "zh":
        return han * 2 >= letters
    words = [word.lower() for word in _LATIN.findall(text)]
    return latin == letters and sum(word in _COMMON for word in words) * 8 >= len(words)


def _within(pattern: re.Pattern[str], text: str, there: str) -> bool:
    """Whether each that is found stands in the facts as it is; a word in its singular or its plural."""
    said = [one.group(one.lastgroup or 0).strip(" .,").casefold() for one in pattern.finditer(text)]
    return all(one in there or one.removesuffix("s") in there for one in said)


def _names_known(text: str, ground: str, language: str) -> bool:
    """Whether every Latin word of a Chinese text, and every capital inside an English sentence, is of the facts."""
    there = {word.casefold() for word in _LATIN.findall(ground)}
    if language == "zh":
        return all(word.casefold() in there or word.casefold() in slots.CURRENCIES for word in _LATIN.findall(text))
    for sentence in re.split(r"(?<=[.!?:;])\s+", text):
        for place, found in enumerate(_LATIN.finditer(sentence)):
            word, following = found[0], sentence[found.end() :].lstrip()
            if word[0].islower() or word == "I" or word.casefold().removesuffix("'s") in there:
                continue
            if place == 0 and not word[1:].isupper() and word.casefold() in _STARTERS:
                continue
            if place == 0 and not word[1:].isupper() and following[:1] not in {",", "!"}:
                continue
            return False
    return True


def _without_units(text: str) -> str:
    """A text in which a figure and its unit stand apart: "20kg" is no code."""
    return re.sub(r"(?<![\w./-])(\d+(?:\.\d+)?)(kg|cm|in|EUR|USD|GBP|CNY)\b", r"\1 \2", text)


def _currencies(text: str) -> set[str]:
    words = text.lower()
    return {
        code
        for sign, code in slots.CURRENCIES.items()
        if (re.search(rf"(?<![a-z]){re.escape(sign)}(?![a-z])", words) if sign.isascii() else _sign(sign, words))
    }


def _sign(sign: str, text: str) -> bool:
    """Whether a sign or a Chinese name of a currency is there; 元 alone is not the one inside of 欧元."""
    return re.search(r"(?<![欧美日公单])元", text) is not None if sign == "元" else sign in text


def _figures_known(text: str, facts: Facts) -> bool:
    """Whether every figure and date stands in the facts in the same way."""
    there = [slot for line in known.lines(facts) for slot in slots.slots(line)]
    there += [_reversed(slot, name) for name, figure in known.named(facts) for slot in slots.slots(f"{name}: {figure}")]
    ground = {sentence for line in known.lines(facts) for sentence in _sentences(clean(line))}
    new = [sentence for sentence in _sentences(text) if sentence not in ground]
    return all(_known(slot, there) for sentence in new for slot in slots.slots(sentence))


def _sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", text) if part.strip()]


def _reversed(slot: Slot, name: str) -> Slot:
    """A named figure as it stands before its name: "EUR 6.00 of duty"."""
    first = slots.slots(f"1 {name}")
    return Slot(slot.value, slot.unit, (), first[0].after if first else "", (), (), slot.scaled)


def _known(said: Slot, there: list[Slot]) -> bool:
    """Whether a figure is said as the facts say it, and they have no other that would be said in the same way."""
    alike = [one for one in there if _alike(said, one)]
    return not said.scaled and bool(alike) and all(_value(said, one) for one in alike)


def _alike(said: Slot, there: Slot) -> bool:
    """Whether two figures stand alike: unit, rate, and name or what stands in its place."""
    if (said.unit, said.rate) != (there.unit, there.rate):
        return False
    if said.name:
        return said.name == there.name
    if said.after:
        return said.after == there.after
    return bool(said.lead) and said.lead == there.lead


def _value(said: Slot, there: Slot) -> bool:
    if isinstance(said.value, Decimal) or isinstance(there.value, Decimal):
        return said.value == there.value
    return all(one in {None, other} for one, other in zip(said.value, there.value, strict=True))
