"""A number with its likely range as a dot on a band; dashed, and with what is missing, without enough data. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lti_tool import figures
from lti_tool.texts import Say
from recommender.measures import Measure


@dataclass(frozen=True)
class Gauge:
    """What the SVG and the words beside it need; places are per cent of its width, empty where nothing is drawn.

    Attributes:
        name: What it is a number of.
        value: As shown; empty without enough data.
        label: For a screen reader: name, value, range.
        note: How much it rests on, or how much is missing.
        method: Key of the words that say how it was computed.
        point: Place of the estimate.
        band: Place where the likely range begins.
        width: Its width.
        zero: Place of zero, where values have signs.
        key: What leads to the statements behind it; empty where none is in the store.
    """

    name: str
    value: str
    label: str
    note: str
    method: str
    point: str = ""
    band: str = ""
    width: str = ""
    zero: str = ""
    key: str = ""


def of(measure: Measure, name: str, say: Say, scale: tuple[float, float] = (0.0, 1.0)) -> Gauge:
    """Draw one number.

    Args:
        measure: The number.
        name: What it is a number of, in the language of the page.
        say: The words.
        scale: Least and greatest value of the drawing; it has a mark at zero where that lies inside.
    """
    if measure.value is None or measure.low is None or measure.high is None:
        enough = measure.count + measure.missing
        note = say("gauge.none", count=measure.missing, answers=measure.count, enough=enough)
        return Gauge(name, "", say("gauge.label.none", name=name), note, measure.method)
    least, most = scale
    span = (most - least) or 1.0

    def place(value: float) -> float:
        return 100 * min(1.0, max(0.0, (value - least) / span))

    value, low, high = (shown(number, measure.unit, say) for number in (measure.value, measure.low, measure.high))
    return Gauge(
        name=name,
        value=value,
        label=say("gauge.label", name=name, value=value, low=low, high=high),
        note=say("gauge.range", low=low, high=high, count=measure.count),
        method=measure.method,
        point=f"{place(measure.value):.1f}%",
        band=f"{place(measure.low):.1f}%",
        width=f"{max(0.0, place(measure.high) - place(measure.low)):.1f}%",
        zero=f"{place(0.0):.1f}%" if least < 0 < most else "",
    )


def scale(measures: Iterable[Measure]) -> tuple[float, float]:
    """One scale for some signed numbers: wide enough for their ranges, with zero inside."""
    listed = [one for one in measures if one.low is not None and one.high is not None]
    least = min((one.low for one in listed if one.low is not None), default=0.0)
    most = max((one.high for one in listed if one.high is not None), default=0.0)
    wide = max(most - least, 0.1)
    return min(least, 0.0) - 0.05 * wide, max(most, 0.0) + 0.05 * wide


def usual(measure: Measure) -> tuple[float, float]:
    """The scale of one number alone: all of a share, or wide enough for its range."""
    return (0.0, 1.0) if measure.unit == "share" else scale([measure])


def shown(value: float, unit: str, say: Say) -> str:
    """A value in its unit, as a page shows it."""
    if unit == "share":
        return figures.share(value)
    if unit.startswith("level") or unit == "logit":
        return figures.signed(figures.hundredths([value])[0])
    if unit == "points":
        return figures.tenths(round(10 * value), plus=True)
    if unit in {"count", "hour"}:
        return f"{value:.0f}"
    return say("gauge.hours", hours=f"{value:.1f}") if unit == "hours/week" else f"{value:.1f}"
