"""What the demo found: a table for people, `report.json` for programs."""

from __future__ import annotations

from typing import Any

COLUMNS = ("local", "federated", "personalised")


def table(report: dict[str, Any]) -> str:
    """Lay out a report as lines of text, 100 columns wide at most."""
    width = max(len("institution"), *(len(row["name"]) for row in report["institutions"])) + 2
    head = f"{'institution':<{width}}{'learners':>9}{'statements':>12}" + "".join(f"{name:>14}" for name in COLUMNS)
    lines = ["AUC on held-out learners", "", head, "-" * len(head)]
    for row in report["institutions"]:
        scores = "".join(_score(row["auc"][name]) for name in COLUMNS)
        lines.append(f"{row['name']:<{width}}{row['learners']:>9,}{row['statements']:>12,}{scores}")
    learners = sum(row["learners"] for row in report["institutions"])
    pooled = "".join(f"{report['pooled']['auc'][name]:>14.4f}" for name in COLUMNS)
    lines += ["-" * len(head), f"{'together':<{width}}{learners:>9,}{report['statements']:>12,}{pooled}", ""]
    auc, seconds = report["pooled"]["auc"], report["seconds"]
    away = auc["federated"] - auc["centralised"]
    lines += [
        f"Centralised, on all records in one place: {auc['centralised']:.4f}; federated differs by {away:+.5f}.",
        "  (Pooled here only to compare: no institution sends a record, and no part of the federation saw this fit.)",
        f"Held out: {report['held_out_rule']}.",
        f"Rounds: {report['rounds']}, {report['bytes_per_round'] / 1e3:,.1f} kB a round, policy {_policy(report)}.",
        f"Statements in: {report['statements_per_second']:,.0f}/s over HTTP, each batch on disk before its answer.",
        "Seconds: "
        + ", ".join(f"{name} {seconds[name]:.1f}" for name in ("start", "ingest", "federate", "total"))
        + ".",
        f"Peak memory: {report['peak_memory_mb']:,.0f} MB.",
    ]
    if report["dropped"]:
        lines += [f"Left out: {line}" for line in report["dropped"]]
        lines.append("  (The AUC of all together is over the institutions that have a model.)")
    return "\n".join(lines)


def _policy(report: dict[str, Any]) -> str:
    if report.get("epsilon") is None:
        return str(report["policy"])
    return f"{report['policy']} with epsilon {report['epsilon']:g} for each learner"


def _score(auc: float | None) -> str:
    return f"{'no model':>14}" if auc is None else f"{auc:>14.4f}"
