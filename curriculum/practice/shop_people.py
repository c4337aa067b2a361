"""Personal data in a table of a shop: found by what a column is called and by what a cell looks like. Floor 1.

A finding says file, line, column and kind, never the value. Names are found by the column that holds them, because
no pattern tells a name from a product; mails, phones, identity numbers, IBANs, cards and addresses by their form too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAIL, PHONE, IDENTITY, IBAN, CARD, ADDRESS, NAME, NOTE = KINDS = (
    "mail",
    "phone",
    "identity",
    "iban",
    "card",
    "address",
    "name",
    "note",
)
_NAMES = (
    r"(?:buyer|customer|recipient|consignee|first|last|full|sur|contact)[ -]?name"
    r"|^(?:buyer|customer|recipient|consignee|contact)$|姓名|买家|客户名|收件人|收货人|联系人"
)
_COLUMNS: tuple[tuple[str, str], ...] = (
    (MAIL, r"e-?mail|邮箱|邮件|电子信箱"),
    (PHONE, r"phone|mobile|\btel\b|telephone|whatsapp|wechat|电话|手机|微信|联系方式"),
    (IDENTITY, r"passport|id[ _-]?card|national[ _-]?id|\bssn\b|身份证|护照|证件"),
    (IBAN, r"iban|bank[ _-]?account|银行卡|银行账号|开户"),
    (ADDRESS, r"address|street|postcode|zip[ _-]?code|地址|街道|邮编|收货地"),
    (NAME, _NAMES),
    (NOTE, r"\bnotes?\b|comment|remark|message|gift[ _-]?text|备注|留言|附言|买家说"),
)
_MAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]{2,}")
_CN_MOBILE = re.compile(r"(?<![0-9])(?:\+?0{0,2}86[\s-]?)?1[3-9][0-9](?:[\s-]?[0-9]{4}){2}(?![0-9])")
_PLUS_PHONE = re.compile(r"(?<![\w])(?:\+|00)[1-9][0-9]{0,2}(?:[\s().\-/]*[0-9]){7,12}(?![0-9])")
_PARTED_PHONE = re.compile(r"(?<![\w.])\(?0?[0-9]{2,4}\)?[\s-][0-9]{3,4}[\s-][0-9]{3,4}(?![\w.])")
_CN_ID = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
_US_ID = re.compile(r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])")
_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}[0-9]{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,4})?(?![A-Z0-9])")
_CARD = re.compile(r"(?<![0-9])[3-6][0-9]{3}(?:[\s-]?[0-9]{4}){2}[\s-]?[0-9]{3,7}(?![0-9])")
_ADDRESS_EN = re.compile(
    r"\b[0-9]{1,5}[A-Za-z]?,?\s+(?:[\w'’.]+\s+){1,4}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd)\b"
    r"|\b[\w-]*(?:stra(?:ß|ss)e|str\.)\s*[0-9]+|\b(?:rue|via|calle|avenida)\s+[\w\s'’.-]{2,40}?[0-9]+|\bp\.?\s?o\.?\s?box\s*[0-9]+",
    re.IGNORECASE,
)
_ADDRESS_ZH = re.compile(
    r"[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|胡同)\s*[0-9]+\s*(?:号|弄)|[0-9]+\s*(?:栋|幢|单元|号楼)|[0-9]+室"
)
_NAME_TEXT = re.compile(
    r"\b(?:mr|mrs|ms|dr|herr|frau)\.?\s+[A-Z][\w'’-]+|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐)",
    re.IGNORECASE,
)


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


def of_cell(cell: str) -> str:
    """The kind of personal data that a cell looks like; empty if none.

    >>> of_cell("li.na@example.com"), of_cell("138 0013 8000"), of_cell("B-1042"), of_cell("2026-07-01")
    ('mail', 'phone', '', '')
    """
    text = unicodedata.normalize("NFKC", cell).replace("\N{ZERO WIDTH SPACE}", "")
    looks = {
        MAIL: bool(_MAIL.search(text)),
        IDENTITY: bool(_CN_ID.search(text) or _US_ID.search(text)),
        IBAN: any(_iban(found[0]) for found in _IBAN.finditer(text.upper())),
        CARD: any(_luhn(found[0]) for found in _CARD.finditer(text)),
        PHONE: bool(_CN_MOBILE.search(text) or _PLUS_PHONE.search(text) or _PARTED_PHONE.search(text)),
        ADDRESS: bool(_ADDRESS_EN.search(text) or _ADDRESS_ZH.search(text)),
        NAME: bool(_NAME_TEXT.search(text)),
    }
    return next((kind for kind, found in looks.items() if found), "")


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


def _iban(text: str) -> bool:
    """ISO 13616: the rest of the number by 97 is 1."""
    plain = re.sub(r"\s", "", text)
    return 15 <= len(plain) <= 34 and int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


def _luhn(text: str) -> bool:
    """ISO/IEC 7812-1: the check digit of a card."""
    digits = [int(one) for one in reversed(re.sub(r"\D", "", text))]
    doubled = [one if place % 2 == 0 else sum(divmod(2 * one, 10)) for place, one in enumerate(digits)]
    return 13 <= len(digits) <= 19 and sum(doubled) % 10 == 0
