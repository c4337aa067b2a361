"""A course as a Common Cartridge that Moodle and Canvas can read."""

from __future__ import annotations

import pytest

from curriculum import errors
from curriculum.exchange import archive, cartridge, markup
from curriculum.exchange.cartridge import Link, Part

LAUNCH = "https://learn.example.org/lti/launch"
CUSTOM = {"catalog": "cbec", "activity": "module", "module": "cus"}
PARTS = (
    Part(
        "Customs & tax",
        (Link("Café path", "About <it>", CUSTOM), Part("Read on", (Link("EU", url="https://europa.eu/x"),))),
    ),
    Part("Again", (Link("Café path", "About <it>", CUSTOM),)),
)


def written(profile="1.1", language="en", title="Trade & law", parts=PARTS, **changes):
    options = {"launch": LAUNCH, "language": language, "profile": profile, **changes}
    files = archive.unpack(cartridge.write(title, "About", parts, **options), "x")
    return files, {name: markup.parse(data, name) for name, data in files.items()}


def refused(parts=PARTS, **changes):
    options = {"launch": LAUNCH, "language": "en", **changes}
    with pytest.raises(errors.ExchangeRefused) as caught:
        cartridge.write("t", "a", parts, **options)
    return list(caught.value.problems)


def items(node):
    return [
        (one.elements[0].children[0], one.get("identifierref") != "", items(one))
        for one in node.elements
        if one.name == "item"
    ]


def test_the_tree_has_modules_below_one_root_without_a_title():
    _, roots = written("1.3")
    tree = roots["imsmanifest.xml"].first("organization")

    assert tree.get("structure") == "rooted-hierarchy"
    assert items(tree.elements[0]) == [
        ("Customs & tax", False, [("Café path", True, []), ("Read on", False, [("EU", True, [])])]),
        ("Again", False, [("Café path", True, [])]),
    ]


@pytest.mark.parametrize(
    ("profile", "version", "types"),
    [
        ("1.1", "1.1.0", {"imsbasiclti_xmlv1p0", "imswl_xmlv1p1"}),
        ("1.3", "1.3.0", {"imsbasiclti_xmlv1p3", "imswl_xmlv1p3"}),
    ],
)
def test_a_profile_names_its_version_and_types(profile, version, types):
    files, roots = written(profile)
    root = roots["imsmanifest.xml"]
    resources = list(root.every("resource"))

    assert root.namespace == f"http://www.imsglobal.org/xsd/imsccv{profile.replace('.', 'p')}/imscp_v1p1"
    assert root.first("schemaversion").children == (version,)
    assert {one.get("type") for one in resources} == types
    assert {one.first("file").get("href") for one in resources} == set(files) - {"imsmanifest.xml"}
    assert {one.get("identifier") for one in resources} == {
        one.get("identifierref") for one in root.every("item") if one.get("identifierref")
    }


def test_moodle_finds_the_version_in_the_first_500_bytes():
    files, _ = written("1.1")

    assert b'xmlns="http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"' in files["imsmanifest.xml"][:500]


def test_a_link_says_what_it_opens_as_parameters_and_in_its_address():
    _, roots = written("1.3")
    link = next(root for name, root in roots.items() if name.startswith("lti/"))
    address = f"{LAUNCH}?catalog=cbec&activity=module&module=cus"

    assert {one.get("name"): one.children[0] for one in link.every("property")} == CUSTOM
    assert [link.first(name).children for name in ("launch_url", "secure_launch_url")] == [(address,)] * 2
    assert [child.name for child in link.elements] == [
        *("title", "description", "custom", "launch_url", "secure_launch_url", "vendor"),
    ]


def test_a_tool_without_https_has_no_secure_address():
    _, roots = written("1.3", launch="http://127.0.0.1:9001/lti/launch")

    assert next(root for name, root in roots.items() if name.startswith("lti/")).first("secure_launch_url") is None


def test_titles_for_moodle_have_no_letter_that_html_names():
    _, roots = written("1.1")
    root = roots["imsmanifest.xml"]
    link = next(root for name, root in roots.items() if name.startswith("lti/"))

    assert [title for title, _, _ in items(root.first("item"))] == ["Customs and tax", "Again"]
    assert cartridge.plain("“a” – 50 €, 中文（é）\N{NO-BREAK SPACE}±", "zh") == '"a" - 50 EUR, 中文（e） '
    assert (link.first("title").children, link.first("description").children) == (("Cafe path",), ("About (it)",))


def test_a_long_chinese_title_is_cut_at_a_letter_for_moodle():
    _, roots = written("1.1", "zh", "跨境 电商" * 20)
    title = roots["imsmanifest.xml"].first("string").children[0]

    assert len(title.replace(" ", "").encode()) <= cartridge.SHORT < len((title + "跨").replace(" ", "").encode()) + 3
    assert written("1.3", "zh", "跨境" * 40)[1]["imsmanifest.xml"].first("string").children[0] == "跨境" * 40


def test_the_same_course_makes_the_same_bytes():
    assert cartridge.write("t", "a", PARTS, launch=LAUNCH, language="en") == cartridge.write(
        "t", "a", PARTS, launch=LAUNCH, language="en"
    )


def test_what_an_address_holds_is_encoded():
    assert cartridge.address(LAUNCH, {"case": "a b&c=中"}) == f"{LAUNCH}?case=a%20b%26c%3D%E4%B8%AD"
    assert cartridge.address(LAUNCH, {}) == LAUNCH


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"profile": "1.2"}, "no profile is called '1.2'; use one of 1.1, 1.3"),
        ({"parts": ()}, "it has no module"),
        ({"launch": "learn.example.org"}, "the tool's address is 'learn.example.org'"),
        ({"launch": LAUNCH + "?a=1"}, "the tool's address is"),
        ({"parts": (Part("p", (Link("bad", url="javascript:alert(1)"),)),)}, "'bad' leads to 'javascript:alert(1)'"),
        ({"parts": (Part("p", (Link("long", custom={"case": "x" * 3000}),)),)}, "'long' leads to"),
        ({"parts": (Part("p", (Link("and", url="https://a.example/?a&b"),)),), "profile": "1.1"}, "Moodle cannot read"),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(changes, problem):
    assert problem in refused(**changes)[0]
