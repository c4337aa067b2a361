"""QTI items as text, valid by default, and questions as plain data, made up by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from curriculum.exchange import plain

NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
CHOICE = """<qti-choice-interaction response-identifier="RESPONSE" max-choices="1">
<qti-prompt>Which code?</qti-prompt>
<qti-simple-choice identifier="A">6109</qti-simple-choice>
<qti-simple-choice identifier="B">6110</qti-simple-choice>
<qti-simple-choice identifier="C">6201</qti-simple-choice>
</qti-choice-interaction>"""
CORRECT = "<qti-correct-response><qti-value>A</qti-value></qti-correct-response>"


def declared(inside=CORRECT, cardinality="single", base="identifier"):
    told = f'identifier="RESPONSE" cardinality="{cardinality}" base-type="{base}"'
    return f"<qti-response-declaration {told}>{inside}</qti-response-declaration>"


def item(body=CHOICE, declaration=None, after="", head='identifier="q1" xml:lang="en"', namespace=NAMESPACE):
    inside = f"{declared() if declaration is None else declaration}\n<qti-item-body>{body}</qti-item-body>{after}"
    return f'<qti-assessment-item xmlns="{namespace}" {head}>{inside}</qti-assessment-item>'.encode()


def processing(*rules):
    return f"<qti-response-processing>{''.join(rules)}</qti-response-processing>"


def when(test, *sets):
    told = "".join(
        f'<qti-set-outcome-value identifier="{name}"><qti-base-value base-type="identifier">{value}</qti-base-value>'
        "</qti-set-outcome-value>"
        for name, value in sets
    )
    return f"<qti-response-condition><qti-response-if>{test}{told}</qti-response-if></qti-response-condition>"


def matches(value, base="identifier"):
    inside = f'<qti-base-value base-type="{base}">{value}</qti-base-value>'
    return f'<qti-match><qti-variable identifier="RESPONSE"/>{inside}</qti-match>'


RIGHT = '<qti-match><qti-variable identifier="RESPONSE"/><qti-correct identifier="RESPONSE"/></qti-match>'


def feedback(identifier, text, outcome="FEEDBACK", show="show", title=""):
    told = f'outcome-identifier="{outcome}" identifier="{identifier}" show-hide="{show}"'
    named = f' title="{title}"' if title else ""
    return f"<qti-modal-feedback {told}{named}><qti-content-body>{text}</qti-content-body></qti-modal-feedback>"


# Questions of the bank as `plain.entry` makes them.
letters = st.sampled_from("ab Z9é中文，。<&>\"'{}%/.-\n\t")
texts = st.text(letters, min_size=1, max_size=24).map(
    lambda text: "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
)
said = texts.filter(bool)
words = st.fixed_dictionaries({"en": said, "zh": said})
filled = words.map(lambda made: {language: plain.doubled(text) for language, text in made.items()})
causes = st.sampled_from(["m.cus.a", "m.cus.b-2", "unknown"])
told = st.fixed_dictionaries({"cause": causes, "why": filled})
codes = st.text(st.sampled_from("AB 09.-"), min_size=1, max_size=8).map(str.strip).filter(bool)
figures = st.decimals(-1000, 1000, places=2).map(lambda value: f"{value:f}")


def _options(rights):
    def made(right, wrong):
        return [{"text": right[0], "right": True}, *({"text": text, **why} for text, why in wrong)]

    return st.builds(made, st.tuples(words), st.lists(st.tuples(words, told), min_size=2, max_size=4))


_choice = st.fixed_dictionaries({"form": st.just("choice"), "options": _options(1)}).flatmap(
    lambda made: st.permutations(made["options"]).map(lambda options: {**made, "options": list(options)})
)
_right = st.fixed_dictionaries({"text": words, "right": st.just(True)}, optional={"missed": told})
_wrong = st.builds(lambda text, why: {"text": text, **why}, words, told)
_several = st.fixed_dictionaries(
    {
        "form": st.just("several"),
        "options": st.builds(
            lambda rights, wrongs: [*rights, *wrongs],
            st.lists(_right, min_size=1, max_size=3),
            st.lists(_wrong, min_size=1, max_size=3),
        ),
    }
)
_mixup = st.builds(lambda ends, why: {"left": ends[0], "right": ends[1], **why}, st.permutations([0, 1, 2]), told)
_match = st.fixed_dictionaries(
    {
        "form": st.just("match"),
        "pairs": st.lists(st.fixed_dictionaries({"left": words, "right": words}), min_size=3, max_size=5),
    },
    optional={
        "distractors": st.lists(words, min_size=1, max_size=3),
        "mixups": st.lists(_mixup, min_size=1, max_size=3, unique_by=lambda mix: (mix["left"], mix["right"])),
    },
)
_text = st.fixed_dictionaries(
    {"form": st.just("text"), "accept": st.lists(codes, min_size=1, max_size=3, unique=True)},
    optional={
        "digits": st.just(True),
        "wrong": st.lists(
            st.builds(
                lambda accept, why: {"accept": [f"x{code}" for code in accept], **why},
                st.lists(codes, min_size=1, max_size=2, unique=True),
                told,
            ),
            min_size=1,
            max_size=2,
        ),
    },
)


def _number(right, wrong, unit, tolerance, working):
    apart = {value: why for value, why in wrong if float(value) != float(right)}
    return {
        "form": "number",
        "unit": unit,
        "places": 2,
        "tolerance": tolerance,
        "right": right,
        "wrong": [{"value": value, **why} for value, why in apart.items()],
        "working": working,
    }


_count = st.builds(
    _number,
    figures,
    st.lists(st.tuples(figures, told), min_size=1, max_size=3),
    st.one_of(st.sampled_from(["EUR", "kg", "%", ""]), st.just({"en": "orders", "zh": "单"})),
    st.sampled_from([0, 0.01, 2]),
    st.lists(said.filter(lambda line: "\n" not in line).map(plain.doubled), min_size=1, max_size=2),
).filter(lambda made: made["wrong"])
_head = {
    "id": st.just("cus.duty.1"),
    "skill": st.just("cus.duty"),
    "bloom": st.sampled_from(["remember", "apply", "create"]),
    "difficulty": st.integers(1, 5),
    "ask": filled,
    "explanation": filled,
}
_more = {
    "also": st.just(["cus.basics"]),
    "rule": st.just("eu.flat_duty_2026"),
    "valid_from": st.just("2026-07-01"),
    "valid_to": st.just("2028-06-30"),
    "story": filled,
    "basis": filled,
}
questions = st.builds(
    lambda head, form: {**head, **form},
    st.fixed_dictionaries(_head, optional=_more),
    st.one_of(_choice, _several, _match, _text, _count),
)
