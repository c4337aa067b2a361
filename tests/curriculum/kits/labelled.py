"""Cells of tables, each with the kind of personal data that it holds; every person, number and address is invented.

`SEEN` served to write the detector, `HELD` was written beside it and looked at once, to measure. Numbers come from
ranges that are kept free for examples where a country has one; check digits are right where that matters.
"""

from __future__ import annotations

SEEN = {
    "mail": [
        "li.na@example.com", "buyer+eu@shop.example.org", "write to anna＠example.org please", "J_Doe@EXAMPLE.CO.UK",
        "x@y.example.cn", "a.b-c@sub.example.net;", "邮箱：wang@example.cn", "<m.rossi@example.it>",
    ],
    "phone": [
        "13800138000", "+86 138 0013 8000", "138-0013-8000", "１３８００１３８０００", "0086-13800138000", "tel 13912345678",
        "+49 (0)30 1234567", "0044 20 7946 0958", "(512) 555-0143", "+1-202-555-0175", "07700 900123", "+33 1 99 00 12 34",
        "06 12 34 56 78", "0171 1234567", "+34 600 123 456", "021-62345678", "010 8888 6666", "+81 90-1234-5678",
    ],
    "identity": [
        "11010519491231002X", "440524188001010014", "078-05-1120", "身份证 11010519491231002x",
    ],
    "iban": ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "FR1420041010050500013M02606", "nl91abna0417164300"],
    "card": ["4111 1111 1111 1111", "5555555555554444", "3782 822463 10005", "6011-1111-1111-1117", "6222021234567890128"],
    "address": [
        "12 Rose Street", "Hauptstraße 5", "rue de la Paix 14", "P.O. Box 12", "朝阳区建国路88号", "3号楼2单元501室",
        "Calle Mayor 3", "Via Roma 12", "221b Baker St.", "Am Markt 7, 04109 Leipzig", "14 rue des Fleurs",
        "浙江省杭州市西湖区文三路 100 号", "Flat 4, 18 Elm Avenue", "1600 Example Blvd, Springfield, IL 62704",
        "ul. Długa 12", "Kungsgatan 12", "Lindenweg 8a", "广东省深圳市南山区科技园",
    ],
    "name": [
        "Ms Miller asked", "王先生", "Mr. John Smith", "Frau Schmidt", "李女士", "Anna Schmidt", "Zhang Wei", "Maria Garcia",
        "张伟", "李娜", "王小明", "欧阳娜娜", "Pierre Dupont", "SMITH, JOHN", "收件人：陈静", "Dear Emma",
    ],
    "network": ["192.0.2.44", "2001:db8::ff00:42:8329", "00:1A:2B:3C:4D:5E", "203.0.113.9:443"],
    "account": ["微信号 li_na_88", "WeChat: lina2020", "QQ 123456789", "@anna_shops", "https://www.facebook.com/anna.schmidt"],
}  # fmt: skip
GOODS = [
    "", "B-1042", "2026-07-01", "1234.50", "6109.10", "6109100010", "4006381333931", "T-shirt, cotton, knitted",
    "针织棉 T 恤", "公路车尾灯", "Road bike light, 2 pcs", "35 × 25 × 12 cm", "DE", "12,480.00", "ABC-123-4567-X",
    "USB-C cable 100 W", "街头风卫衣", "302-1234567-1234567", "1Z999AA10123456784", "RB123456785CN", "MSCU6639870",
    "TS-01-BLK-XL", "Bluetooth 5.3 headphones", "LED 台灯", "保温杯 500ml", "2026-07-01T12:30:00Z", "Summer sale 2026",
    "Brand - exact - DE", "0.250", "19 %", "EUR 12.00", "Line A", "DHL Paket", "Express 24h", "Yoga mat 183 x 61 x 0.6 cm",
    "Street shoes, size 42", "道路安全锥", "Charlotte dress", "Kids bike 16 inch", "Set of 3", "100-240 V", "3-in-1 cable",
    "Victoria sponge tin", "Oxford shirt", "Panama hat", "王冠发夹", "金属书签", "白茶礼盒", "高跟鞋", "毛巾", "耳机", "台灯",
    "A-1001", "O2026070100012", "85171300", "8517.13.00", "SKU 4711", "iPhone 15 case", "Model 1.2.3", "v2.0.1", "12.5.0",
    "10.5 x 20 cm", "Size M/L", "Auto campaign 2", "Retargeting US", "4012345678901", "978-3-16-148410-0", "GB", "CN",
    "Jack Daniel style glass", "Mary Jane shoes", "Rose gold ring", "Lily scented candle", "Paris mug", "Berlin poster",
    "5000", "1:43 model car", "12 V 2 A", "Box of 12", "Pack 6, 0.5 l", "Route 66 sign", "Street art print 30x40",
]  # fmt: skip
HELD = {
    "mail": ["k.novak@example.cz", "Contact：hans.meier@example.de", "sales_team.2@example.com.au", "émilie@example.fr"],
    "phone": [
        "15012345678", "+8613712345678", "+44 7700 900456", "(020) 7946 0018", "+61 491 570 156", "0621-1234567",
        "+39 06 1234 5678", "+1 (415) 555-0132", "电话 0755-26001234", "+48 22 123 45 67",
    ],
    "identity": ["110101199003070038", "219-09-9999", "证件 110101199003070038"],
    "iban": ["ES9121000418450200051332", "AT61 1904 3002 3457 3201", "PL61109010140000071219812874"],
    "card": ["4012888888881881", "5105 1051 0510 5100", "378282246310005"],
    "address": [
        "45 Maple Road, Leeds LS1 4AP", "Bahnhofstr. 21", "8 avenue Victor Hugo, 75016 Paris", "Gran Vía 28",
        "上海市浦东新区世纪大道 1 号", "Unit 3, 77 Queen Lane", "Piazza Garibaldi 4", "江苏省苏州市工业园区星湖街 328 号",
        "Storgatan 5", "Kerkstraat 19", "5 栋 1203 室", "PO Box 881",
    ],
    "name": [
        "Mrs. Baker", "赵女士", "Herr Müller", "James Wilson", "Li Ming", "刘洋", "周杰", "Sofia Rossi", "Tom Brown",
        "司马相如", "MARTIN, Lucas", "Mme Durand",
    ],
    "network": ["198.51.100.7", "fe80::1ff:fe23:4567:890a", "a4-5e-60-c2-11-0f"],
    "account": ["微信：wx_tea2026", "qq:987654321", "@lucas_martin", "instagram.com/sofia.rossi"],
}  # fmt: skip
HELD_GOODS = [
    "C-2207", "2025/12/24", "99.00", "8504.40", "9503000099", "5901234123457", "Backpack, textile, 20 l", "不锈钢水杯",
    "山地车头灯", "Desk organiser, bamboo", "40×30×20 cm", "FR", "1,299.00", "XYZ-987-6543-Q", "HDMI cable 2 m", "国潮卫衣",
    "114-7654321-7654321", "LX987654321DE", "TGHU7599330", "MUG-07-RED", "Wi-Fi 6 router", "竹制书架", "儿童雨衣", "Winter 2025",
    "Generic - broad - UK", "0.035", "7.5 %", "USD 8.40", "Line B", "Priority Mail", "Air 7-10 days", "Tent 210 x 140 x 110 cm",
    "Sandals, size 39", "路由器", "Amelia lamp shade", "Balance bike 12 inch", "Set of 24", "5 V 3 A", "2-in-1 brush",
    "Florence notebook", "Chelsea boots", "Manila envelope", "林间香薰", "银耳环", "黄铜挂钩", "安全带", "手套", "音箱", "地毯",
    "B-77", "N2026010200099", "640411", "6404.11.00", "SKU 90210", "Galaxy S24 case", "Model 7.4.1", "v10.2", "8.5 x 11 in",
    "Size S", "Campaign 12", "Lookalike FR", "4901234567894", "978-0-306-40615-7", "Ruby red lipstick", "Olive oil dish",
    "Jasmine tea 100 g", "Vienna print", "1:64 model bus", "Jar 0.7 l", "Avenue lamp", "路由器支架", "张力带", "高压锅", "Polo shirt",
]  # fmt: skip
