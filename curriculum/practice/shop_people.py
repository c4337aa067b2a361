"""Personal data in a table of a shop: found by what a column is called and by what a cell looks like. Floor 1.

A finding says file, line, column and kind, never the value. Numbers are found by their form and, where they have one,
by their check digit; names by common given and family names, because no pattern tells a name from a product. What this
misses is measured in `tests/curriculum/kits/test_people.py` and written down in `docs/curriculum.md`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

MAIL, PHONE, IDENTITY, IBAN, CARD, ADDRESS, NAME, NOTE, NETWORK, ACCOUNT = KINDS = (
    "mail", "phone", "identity", "iban", "card", "address", "name", "note", "network", "account",
)  # fmt: skip
_NAMES = (
    r"(?:buyer|customer|recipient|consignee|first|last|full|sur|contact|given|family|user|ship(?:ping)?[ -]?to)"
    r"[ -]?name"
    r"|^(?:buyer|customer|client|recipient|consignee|contact|receiver|attn|kunde|käufer|empfänger|vorname|nachname"
    r"|client|destinataire|prénom|nom|cliente|destinatario|nombre|apellidos?|cognome|ontvanger|klant)$"
    r"|姓名|买家|客户名|收件人|收货人|联系人|顾客|会员名"
)
_PLACES = (
    r"address|street|postcode|postal|zip[ _-]?code|^zip$|地址|街道|邮编|收货地"
    r"|adresse|direcci[oó]n|indirizzo|\bplz\b|straße"
)
_COLUMNS: tuple[tuple[str, str], ...] = (
    (MAIL, r"e-?mail|邮箱|邮件|电子信箱|\bcorreo\b|courriel"),
    (ACCOUNT, r"whatsapp|wechat|\bqq\b|微信|telegram|旺旺|social[ -]?handle|user[ -]?id|username|用户名"),
    (PHONE, r"phone|mobile|\btel\b|telefon|téléphone|teléfono|cellulare|handy|电话|手机|联系方式"),
    (IDENTITY, r"passport|id[ _-]?card|national[ _-]?id|\bssn\b|身份证|护照|证件|ausweis|\bdni\b|birth|生日|出生"),
    (IBAN, r"iban|bank[ _-]?account|银行卡|银行账号|开户|kontonummer"),
    (CARD, r"card[ -]?(?:number|no)|信用卡"),
    (NETWORK, r"\bip\b|\bmac\b|device[ -]?id|user[ -]?agent|cookie|设备号"),
    (ADDRESS, _PLACES),
    (NAME, _NAMES),
    (NOTE, r"\bnotes?\b|comment|remark|message|gift[ _-]?text|备注|留言|附言|买家说|bemerkung|hinweis|commentaire"),
)  # fmt: skip
_MAIL = re.compile(r"[^\s@<>,;:：]+@[^\s@<>,;]+\.[^\s@<>,;]{2,}")
_CN_MOBILE = re.compile(r"(?<![0-9])(?:\+?0{0,2}86[\s-]?)?1[3-9][0-9](?:[\s-]?[0-9]{4}){2}(?![0-9])")
_PLUS_PHONE = re.compile(r"(?<![\w])(?:\+|00)[1-9][0-9]{0,2}(?:[\s().\-/]*[0-9]){7,12}(?![0-9])")
_PARTED_PHONE = re.compile(r"(?<![\w.])\(?0?[0-9]{2,4}\)?[\s-][0-9]{3,4}[\s-][0-9]{3,4}(?![\w.])")
# A trunk zero, an area code, and the number in one or two pieces; in pairs as France writes it.
_TRUNK_PHONE = re.compile(
    r"(?<![\w.-])(?:\(0[0-9]{1,4}\)|0[0-9]{1,4})[\s/-]{1,3}(?:[0-9]{6,8}|[0-9]{3,4}[\s-][0-9]{3,4})(?![\w.-])"
    r"|(?<![\w.])0[1-9](?:[\s.][0-9]{2}){4}(?![\w.])"
)
_CN_ID = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
_US_ID = re.compile(r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?![A-Z0-9])")
_CARD = re.compile(
    r"(?<![0-9])(?:[2-6][0-9]{3}(?:[\s-]?[0-9]{4}){3}(?:[\s-]?[0-9]{1,3})?"
    r"|3[47][0-9]{2}[\s-]?[0-9]{6}[\s-]?[0-9]{5})(?![0-9])"
)
# By the first digits that payment networks issue (ISO/IEC 7812): a shop's number seldom has both these and the check.
_ISSUED = re.compile(
    r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}"
    r"|(?:6011|65[0-9]{2}|35[2-8][0-9])[0-9]{12}|62[0-9]{14,17}"
)
_ADDRESS = re.compile(
    r"\b[0-9]{1,5}[A-Za-z]?,?\s+(?:[\w'’.]+\s+){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd)\b"
    r"|\b[\w-]*(?:stra(?:ß|ss)e|str\.)\s*[0-9]+"
    r"|\b\w{3,}(?:weg|gasse|platz|allee|damm|ufer|gatan|vägen|straat|laan|plein)\s+[0-9]+[a-z]?\b"
    r"|\b(?:rue|via|viale|piazza|corso|calle|avenida|gran vía|paseo|plaza|ul\.|ulica)\s+[\w\s'’.-]{2,40}?[0-9]+"
    r"|\bgran vía\s+[0-9]+|\b[0-9]{1,4}\s*(?:bis|ter)?,?\s+(?:rue|avenue|boulevard|place|chemin|impasse|allée)\s+\w+"
    r"|\bp\.?\s?o\.?\s?box\s*[0-9]+|,\s*(?:[A-Z]{1,2}-)?[0-9]{5}\s+[^\W\d_]{3,}|\b[A-Z]{2}\s+[0-9]{5}(?:-[0-9]{4})?$",
    re.IGNORECASE,
)
_UK_CODE = re.compile(r"(?<![\w-])[A-Z]{1,2}[0-9][A-Z0-9]?\s[0-9][ABD-HJLNP-UW-Z]{2}(?![\w-])")
_ADDRESS_ZH = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|胡同|大道)\s*[0-9]+\s*(?:号|弄)|[0-9]+\s*(?:栋|幢|单元|号楼)|[0-9]+\s*室"
    r"|[\u4e00-\u9fff]{2,}(?:省|市|自治区)[\u4e00-\u9fff]{1,8}(?:区|县|市|镇|乡|园)"
)
_V4 = re.compile(
    r"(?<![\w.])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?![\w.])"
)
_V6 = re.compile(
    r"(?<![\w:])(?:[0-9a-f]{1,4}:){2,7}:?(?:[0-9a-f]{1,4}:?){1,7}(?![\w])"
    r"|(?<![\w:])[0-9a-f]{1,4}::(?:[0-9a-f]{1,4}:?)+",
    re.IGNORECASE,
)
_MAC = re.compile(r"(?<![\w])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w])", re.IGNORECASE)
_ACCOUNT = re.compile(
    r"(?:微信号?|wechat|weixin|qq|whatsapp|telegram|旺旺|line id)\s*(?:号|id)?\s*[:：]?\s*[a-z0-9_\-]{5,}"
    r"|(?<![\w.])@[a-z][\w.]{2,}|(?:facebook|instagram|tiktok|twitter|x|weibo|vk|linkedin)\.com/(?:in/|@)?[\w.]{3,}",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?:mr|mrs|ms|dr|herr|frau|mme|mlle|monsieur|madame|señora?|signora?)\.?\s+[A-Z][\w'’-]+"
    r"|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:(?:收件人|收货人|联系人|姓名|客户|买家)\s*(?:[:：]|\s)\s*|亲爱的\s*)[\u4e00-\u9fff]{2,4}(?![\u4e00-\u9fff])"
    r"|\b(?i:recipient|buyer|customer|attn|c/o|dear)\b[.:]?\s+[A-Z][\w'’-]+"
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?(?:,?\s+[^\W\d_]+(?:['’-][^\W\d_]+)*\.?){1,3}")
_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")


@dataclass(frozen=True)
class Found:
    """Where personal data lie: file, line from 1 (the heads are line 1), the column's place from 1, and the kind."""

    file: str
    line: int
    column: int
    kind: str


def of_head(head: str) -> str:
    """The kind of personal data that a column of this name holds; empty if none.

    >>> of_head("Buyer Name"), of_head("收货地址"), of_head("price")
    ('name', 'address', '')
    """
    plain = unicodedata.normalize("NFKC", head).strip().casefold().replace("_", " ")
    return next((kind for kind, pattern in _COLUMNS if re.search(pattern, plain)), "")


@functools.lru_cache(maxsize=65536)
def of_cell(cell: str) -> str:
    """The kind of personal data that a cell looks like; empty if none.

    >>> of_cell("li.na@example.com"), of_cell("138 0013 8000"), of_cell("B-1042"), of_cell("2026-07-01")
    ('mail', 'phone', '', '')
    """
    text = unicodedata.normalize("NFKC", cell).replace("\N{ZERO WIDTH SPACE}", "").strip()
    if len(text) < 2 or _FIGURE.fullmatch(text):
        return ""
    return next((kind for kind, looks in _LOOKS.items() if looks(text)), "")


# Most cells of a table: a short figure or a day is nobody's, and needs no look.
_FIGURE = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,2})?|[0-9]{4}-[0-9]{2}-[0-9]{2}|[A-Z]{2}")


def of_table(file: str, rows: Sequence[Sequence[str]]) -> tuple[Found, ...]:
    """Every place of a table that holds personal data; the heads first.

    Args:
        file: Its name, for the finding.
        rows: Its rows; the first has the heads.
    """
    found = []
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            kind = of_head(cell) or of_cell(cell) if line == 1 else of_cell(cell)
            if kind:
                found.append(Found(file, line, column, kind))
    return tuple(found)


def _looks_mail(text: str) -> bool:
    return bool(_MAIL.search(text))


def _looks_identity(text: str) -> bool:
    return bool(_CN_ID.search(text) or _US_ID.search(text))


def _looks_iban(text: str) -> bool:
    return any(_iban(found[0]) for found in _IBAN.finditer(text.upper()))


def _looks_card(text: str) -> bool:
    return any(_luhn(found[0]) for found in _CARD.finditer(text))


def _looks_network(text: str) -> bool:
    return bool(_V4.search(text) or _MAC.search(text) or (text.count(":") > 1 and _V6.search(text)))


def _looks_account(text: str) -> bool:
    return bool(_ACCOUNT.search(text))


def _looks_phone(text: str) -> bool:
    return any(one.search(text) for one in (_CN_MOBILE, _PLUS_PHONE, _PARTED_PHONE, _TRUNK_PHONE))


def _looks_address(text: str) -> bool:
    return bool(_ADDRESS.search(text) or _UK_CODE.search(text) or _ADDRESS_ZH.search(text))


def _looks_name(text: str) -> bool:
    return bool(_TITLED.search(text) or _LABELLED.search(text)) or _latin(text) or _han(text)


_LOOKS: Mapping[str, Callable[[str], bool]] = {
    MAIL: _looks_mail,
    IDENTITY: _looks_identity,
    IBAN: _looks_iban,
    CARD: _looks_card,
    NETWORK: _looks_network,
    ACCOUNT: _looks_account,
    PHONE: _looks_phone,
    ADDRESS: _looks_address,
    NAME: _looks_name,
}


@dataclass(frozen=True)
class _Names:
    given: frozenset[str]
    pinyin: frozenset[str]
    spelt: re.Pattern[str]
    surnames: frozenset[str]
    compound: tuple[str, ...]
    letters: frozenset[str]


@functools.cache
def _names() -> _Names:
    text = resources.files("curriculum").joinpath("data", "people.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    syllables = "|".join(sorted(read["syllables"].split(), key=len, reverse=True))
    return _Names(
        frozenset(one.casefold() for one in read["given"].split()),
        frozenset(one.casefold() for one in read["pinyin"].split()),
        re.compile(rf"(?:{syllables}){{1,2}}"),
        frozenset(read["surnames"]),
        tuple(read["compound"]),
        frozenset(read["letters"]),
    )


def _latin(text: str) -> bool:
    """Two words, or three with an initial, each with a capital, one of them a common given name; or a Chinese name."""
    if not _WORDS.fullmatch(text):
        return False
    words = [one.strip(".") for one in text.replace(",", " ").split()]
    if len(words) > 3 or any(not one[:1].isupper() for one in words):
        return False
    if len(words) == 3 and len(words[1]) > 1:
        return False
    first, last, known = words[0].casefold(), words[-1].casefold(), _names()
    if first in known.given or ("," in text and last in known.given):
        return True
    return len(words) == 2 and (
        (first in known.pinyin and bool(known.spelt.fullmatch(last)))
        or (last in known.pinyin and bool(known.spelt.fullmatch(first)))
    )


def _han(text: str) -> bool:
    """A whole cell of two to four characters: a common surname, then characters that given names are made of."""
    if not _HAN.fullmatch(text):
        return False
    known = _names()
    if text.startswith(known.compound):
        return len(text) > 2
    return len(text) < 4 and text[0] in known.surnames and all(one in known.letters for one in text[1:])


def _iban(text: str) -> bool:
    """ISO 13616: the rest of the number by 97 is 1."""
    plain = re.sub(r"\s", "", text)
    return 15 <= len(plain) <= 34 and int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def _luhn(text: str) -> bool:
    """ISO/IEC 7812-1: the check digit of a card, on a number that a payment network issues."""
    plain = re.sub(r"\D", "", text)
    digits = [int(one) for one in reversed(plain)]
    doubled = [one if place % 2 == 0 else sum(divmod(2 * one, 10)) for place, one in enumerate(digits)]
    return bool(_ISSUED.fullmatch(plain)) and sum(doubled) % 10 == 0
