"""What the files of a kit hold: their columns, what a cell of each may be, and what the columns are called. Floor 1."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

WORD, NAME, MONEY, NUMBER, WHOLE, DAY, COUNTRY, CODE = KINDS = (
    "word", "name", "money", "number", "whole", "day", "country", "code",
)  # fmt: skip
PRODUCTS, ORDERS, TARIFFS, ADS = FILES = ("products", "orders", "tariffs", "ads")
MANIFEST = "kit.yaml"
LARGEST = Decimal(1_000_000_000)


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        name: As the template calls it.
        kind: One of `KINDS`.
        blank: What an empty cell, or a missing column, stands for; None: it must be filled.
        low: The least figure.
        high: The greatest figure.
        called: Other names, in small letters, without spaces and underscores.
        example: What the template shows.
    """

    name: str
    kind: str
    blank: str | None = None
    low: Decimal = Decimal(0)
    high: Decimal = LARGEST
    called: tuple[str, ...] = ()
    example: str = ""


def _column(name: str, kind: str, example: str, *called: str, blank: str | None = None, **more: str) -> Column:
    bounds = {side: Decimal(figure) for side, figure in more.items()}
    return Column(name, kind, blank, called=called, example=example, **bounds)


COLUMNS: Mapping[str, tuple[Column, ...]] = {
    PRODUCTS: (
        _column("sku", WORD, "TS-01", "货号", "商品编码", "sku编码", "商品sku"),
        _column("name", NAME, "T-shirt, cotton", "product", "title", "商品名称", "品名", "名称", "商品"),
        _column("cost", MONEY, "4.20", "unitcost", "成本", "单位成本", "采购价", "进价", low="0.01"),
        _column("weight_kg", NUMBER, "0.25", "weight", "重量", "重量kg", "毛重", "毛重kg", low="0.001", high="1000"),
        _column("length_cm", NUMBER, "30", "length", "长", "长cm", "长度", low="0.1", high="500"),
        _column("width_cm", NUMBER, "24", "width", "宽", "宽cm", "宽度", low="0.1", high="500"),
        _column("height_cm", NUMBER, "4", "height", "高", "高cm", "高度", low="0.1", high="500"),
        _column("hs_code", CODE, "6109.10", "hs", "hscode", "海关编码", "hs编码", "税号"),
        _column(
            "lead_days", WHOLE, "21", "leadtime", "备货天数", "交货天数", "补货天数", blank="", low="1", high="365"
        ),
        _column("stock", WHOLE, "180", "inventory", "库存", "现有库存", blank=""),
    ),
    ORDERS: (
        _column("order_id", WORD, "A-1001", "order", "orderno", "ordernumber", "订单号", "订单编号"),
        _column("date", DAY, "2026-07-03", "orderdate", "日期", "下单日期", "订单日期"),
        _column("sku", WORD, "TS-01", "货号", "商品编码", "sku编码", "商品sku"),
        _column("quantity", WHOLE, "2", "qty", "pieces", "数量", "件数", low="1", high="100000"),
        _column("country", COUNTRY, "DE", "destination", "国家", "目的国", "收货国家", "国家代码"),
        _column("price", MONEY, "14.90", "unitprice", "单价", "售价", low="0.01"),
        _column("shipping", MONEY, "3.90", "shippingpaid", "运费收入", "买家运费", blank="0"),
        _column("fees", MONEY, "5.05", "commission", "平台费用", "佣金", "平台佣金"),
        _column("freight", MONEY, "4.60", "shippingcost", "运费", "运费成本", "物流费用"),
        _column("returned", WHOLE, "0", "returns", "退货件数", "退货数量", blank="0"),
        _column("refund", MONEY, "0", "refunded", "退款", "退款金额", blank="0"),
    ),
    TARIFFS: (
        _column("carrier", WORD, "Line A", "承运人", "物流商", "渠道"),
        _column("country", COUNTRY, "DE", "destination", "国家", "目的国", "国家代码"),
        _column("divisor", WHOLE, "6000", "体积除数", "除数", "抛重系数", low="1000", high="10000"),
        _column("step_kg", NUMBER, "0.5", "step", "进位kg", "进位", "计费单位kg", low="0.001", high="10"),
        _column("rate", MONEY, "6.80", "rateperkg", "每公斤单价", "每kg单价", "单价", low="0.01"),
        _column("fuel_percent", NUMBER, "12", "fuel", "燃油附加费", "燃油附加费%", blank="0", high="100"),
    ),
    ADS: (
        _column("date", DAY, "2026-07-01", "day", "日期"),
        _column("campaign", WORD, "Summer", "广告活动", "活动"),
        _column("sku", WORD, "TS-01", "货号", "商品编码", "sku编码", "商品sku"),
        _column("country", COUNTRY, "DE", "国家", "目的国", "国家代码"),
        _column("spend", MONEY, "38.00", "cost", "花费", "广告花费", "广告费"),
        _column("clicks", WHOLE, "95", "点击", "点击量", "点击次数"),
        _column("orders", WHOLE, "6", "订单", "订单数", "广告订单"),
        _column("sales", MONEY, "96.80", "销售额", "广告销售额"),
    ),
}
NEEDED = (PRODUCTS, ORDERS)
LINES: Mapping[str, int] = {PRODUCTS: 500, ORDERS: 20_000, TARIFFS: 500, ADS: 5_000}
"""Lines below the heads that a file may have."""
BYTES = 2 * 1024 * 1024
"""Of one file."""


def plain(head: str) -> str:
    """A head as it is compared: without case, width, spaces, underscores, hyphens and brackets.

    >>> plain(" Unit_Cost "), plain("重量（kg）")
    ('unitcost', '重量kg')
    """
    text = unicodedata.normalize("NFKC", head).strip().strip("\ufeff").casefold()
    return "".join(one for one in text if one not in " _-()[]./")


def found(file: str, head: str) -> Column | None:
    """The column that a head names; None if none.

    Args:
        file: One of `FILES`.
        head: As it stands in the file.
    """
    wanted = plain(head)
    return next((one for one in COLUMNS[file] if wanted == plain(one.name) or wanted in one.called), None)


def needed(file: str) -> tuple[str, ...]:
    """Names of the columns that a file must have."""
    return tuple(one.name for one in COLUMNS[file] if one.blank is None)
