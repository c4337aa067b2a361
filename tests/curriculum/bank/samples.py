"""A small file of questions, one of each form, and a way to change it."""

from __future__ import annotations

import copy
from typing import Any

import yaml

from curriculum import catalog as catalogs
from curriculum.bank import shelf
from curriculum.bank.entry import Bank

TEXT = """
misconceptions:
- {id: m.test.pieces, skill: cus.duty, name: {en: Forgets the pieces, zh: 漏了件数}}
questions:
- id: cus.duty.1
  skill: cus.duty
  form: choice
  bloom: apply
  difficulty: 2
  story: {en: A parcel of five T-shirts., zh: 一个装有五件 T 恤的包裹。}
  ask: {en: What is owed, zh: 应缴多少}
  options:
  - {text: {en: one, zh: 一}, right: true}
  - {text: {en: two, zh: 二}, cause: m.test.pieces, why: {en: No pieces., zh: 没有件数。}}
  - {text: {en: three, zh: 三}, cause: unknown, why: {en: No., zh: 不对。}}
  explanation: {en: It is one., zh: 是一。}
  basis: {en: The documents., zh: 单据。}
- id: cus.duty.2
  skill: cus.duty
  also: [cus.basics]
  form: several
  bloom: analyse
  difficulty: 3
  ask: {en: Which ones, zh: 哪些}
  options:
  - {text: {en: one, zh: 一}, right: true, missed: {cause: unknown, why: {en: One is due., zh: 一要缴。}}}
  - {text: {en: two, zh: 二}, right: true}
  - {text: {en: three, zh: 三}, cause: m.test.pieces, why: {en: No pieces., zh: 没有件数。}}
  explanation: {en: One and two., zh: 一和二。}
- id: cus.duty.3
  skill: cus.duty
  form: match
  bloom: understand
  difficulty: 1
  ask: {en: Match, zh: 配对}
  pairs:
  - {left: {en: a, zh: 甲}, right: {en: x, zh: 子}}
  - {left: {en: b, zh: 乙}, right: {en: y, zh: 丑}}
  - {left: {en: c, zh: 丙}, right: {en: z, zh: 寅}}
  distractors:
  - {en: w, zh: 卯}
  mixups:
  - {left: 0, right: 1, cause: m.test.pieces, why: {en: Not y., zh: 不是丑。}}
  - {left: 2, right: 3, cause: unknown, why: {en: Not w., zh: 不是卯。}}
  explanation: {en: In order., zh: 按顺序。}
- id: cus.duty.4
  skill: cus.duty
  form: text
  bloom: remember
  difficulty: 4
  valid_from: 2026-07-01
  valid_to: 2026-12-31
  ask: {en: Which code, zh: 哪个编码}
  accept: ["6109.10", "6109 10 00"]
  digits: true
  wrong:
  - {accept: ["6105.10"], cause: m.hs_by_use, why: {en: A shirt., zh: 那是衬衫。}}
  explanation: {en: A T-shirt., zh: 是 T 恤。}
- id: cus.duty.5
  skill: cus.duty
  form: number
  bloom: apply
  difficulty: 2
  rule: eu.flat_duty_2026
  ask: {en: "{lines} lines, {what}, {price:2} each", zh: "{lines} 个税号，{what}，每件 {price:2}"}
  unit: EUR
  places: 2
  draw:
    lines: [2, 4, 1]
    price: [5, 9, 0.5]
    what: {pick: [{en: cups, zh: 杯子}]}
    rate: {pick: [19, 20]}
  with:
    worth: lines * price
  right: lines * flat_duty_eur_per_item
  wrong:
  - cause: m.flat_duty_per_parcel
    value: flat_duty_eur_per_item
    why: {en: "Once only, {gap} too little: {value}.", zh: "只算一次，少 {gap}：{value}。"}
  - {cause: m.test.pieces, value: worth * rate, why: {en: Not by value., zh: 不按货值。}}
  working: ["{lines} × {flat_duty_eur_per_item:2} = {right}"]
  explanation: {en: "By line: {right}.", zh: "按税号：{right}。"}
"""


def document() -> Any:
    """The file as plain data, to be changed."""
    return copy.deepcopy(yaml.safe_load(TEXT))


def bank(text: str = TEXT) -> Bank:
    """The bank that it makes."""
    return shelf.parse_text(text, where="test.yaml", among=shelf.known(catalogs.load("cbec")))
