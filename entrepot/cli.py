"""The `entrepot` command: one door to everything that runs.

Every failure that a person can mend is one line on standard error and exit code 1; 2 where the call is off.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from entrepot import errors


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command with `argv` (the process's own arguments if None) and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    arguments = _parser(words).parse_args(words)
    from entrepot import variables  # after parsing, so that --help answers at once

    try:
        variables.check(os.environ)
        return int(arguments.command(arguments) or 0)
    except _expected() as error:
        sys.stderr.write(f"entrepot: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _expected() -> tuple[type[Exception], ...]:
    from curriculum import errors as curriculum_errors
    from federated import errors as federated_errors
    from lti_tool import errors as tool_errors
    from recommender import errors as recommender_errors
    from storage import errors as storage_errors
    from xapi_collector import errors as collector_errors

    return (
        errors.EntrepotError,
        curriculum_errors.CurriculumError,
        federated_errors.FederatedError,
        tool_errors.LtiToolError,
        recommender_errors.RecommenderError,
        storage_errors.StorageError,
        collector_errors.CollectorError,
    )


def _parser(words: Sequence[str] = ()) -> argparse.ArgumentParser:
    """The parser; of the record store's own commands only if `words` ask for them, for they import its room."""
    parser = argparse.ArgumentParser(prog="entrepot", description=__doc__.partition("\n")[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = _command(commands, "demo", _demo, "run a consortium on this machine, on real records")
    demo.add_argument("--once", action="store_true", help="stop after the report instead of serving")
    demo.add_argument(
        "--institutions", type=int, default=5, metavar="N", help="how many take part (default 5, at most 11)"
    )
    demo.add_argument(
        "--port", type=int, default=8740, help="port of the LMS; the ports after it follow (default 8740)"
    )
    demo.add_argument(
        "--policy",
        choices=("exact", "secagg", "source-noise"),
        default="exact",
        help="what may leave an institution (default exact: masked sums, inside one university)",
    )
    demo.add_argument(
        "--epsilon", type=float, default=1.0, help="under secagg and source-noise: what a learner may lose (default 1)"
    )
    demo.add_argument(
        "--learners",
        type=int,
        default=0,
        metavar="N",
        help="of each institution at most so many, for a first look in less time (default 0: all)",
    )
    demo.add_argument("--directory", type=Path, default=Path("var/demo"), help="where to write (default var/demo)")

    init = _command(commands, "init", _init, "make the directory of an institution: keys, storage, settings")
    init.add_argument("--directory", type=Path, required=True, help="the directory to make")
    init.add_argument("--institution", required=True, metavar="ID", help="its id: letters, digits, hyphens")
    init.add_argument("--url", required=True, help="public address of its tool, such as https://learn.example.org")
    init.add_argument("--xapi-url", help="public base of its collector (default URL/xapi)")
    init.add_argument("--storage", help="sqlite:///DIR or mongodb://HOST/DATABASE (default: SQLite in the directory)")

    for name, run, text in (
        ("collector", _collector, "serve an institution's Learning Record Store"),
        ("tool", _tool, "serve an institution's LTI tool"),
        ("sandbox", _sandbox, "serve the sandbox LMS that ENTREPOT_SANDBOX_CONFIG describes"),
    ):
        server = _command(commands, name, run, text)
        server.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        server.add_argument("--port", type=int, required=True, help="port to listen on")
        server.add_argument("--workers", type=int, default=1, help="processes (default 1)")

    credential = _command(commands, "credential", _credential, "give a system a key to this institution's collector")
    credential.add_argument("--name", required=True, help="what the system is called, such as moodle")

    platform = _command(commands, "platform", _platform, "connect learning platforms with this institution's tool")
    if words[:1] == ["platform"]:
        from lti_tool import cli as tool_cli

        tool_cli.add(platform)

    key = _command(commands, "key", _key, "list, rotate, promote or retire the tool's signing keys")
    steps = key.add_subparsers(dest="step", required=True, metavar="STEP")
    steps.add_parser("list", help="say which key signs and which are published")
    steps.add_parser("rotate", help="make the next key; it is published at once and signs after its promotion")
    for step, text in (
        ("promote", "let the next key sign; the old one stays published"),
        ("retire", "remove the old key"),
    ):
        steps.add_parser(step, help=text).add_argument(
            "--now", action="store_true", help="do not wait: the old key may be in wrong hands"
        )

    model = _command(commands, "model", _model, "list the models that rounds published, or serve an earlier one again")
    deeds = model.add_subparsers(dest="step", required=True, metavar="STEP")
    for step, text in (
        ("list", "say which models are kept, and which one is served"),
        ("show", "say what is known of one: the served one if no ID is given"),
        ("rollback", "serve the model before the served one again, or the one that --to names"),
    ):
        deed = deeds.add_parser(step, help=text)
        deed.add_argument("--catalog", default="", help="of which catalog; needed where there are models of several")
        if step == "show":
            deed.add_argument("model", nargs="?", default="", metavar="ID", help="its id or the beginning of it")
        if step == "rollback":
            deed.add_argument("--to", default="", metavar="ID", dest="model", help="its id or the beginning of it")

    _consortium(commands, words)
    _exchanges(commands, words)

    lrs = _command(commands, "lrs", _lrs, "operate the institution's record store")
    if words[:1] == ["lrs"]:
        from xapi_collector import cli

        cli.add(lrs)

    _evaluations(commands, words)
    _command(commands, "doctor", _doctor, "say what is wrong with the record store and the platforms, and what to do")
    _command(commands, "variables", _variables, "list the ENTREPOT_* variables")
    return parser


def _consortium(commands: argparse._SubParsersAction[argparse.ArgumentParser], words: Sequence[str]) -> None:
    coordinator = _command(commands, "coordinator", _coordinator, "run a consortium's SuperLink")
    coordinator.add_argument("--directory", type=Path, required=True, help="keys, members and ledger of the consortium")
    coordinator.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    coordinator.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")

    member = _command(commands, "member", _member, "run an institution's SuperNode")
    member.add_argument("--settings", type=Path, required=True, help="its member.toml")

    federation = _command(commands, "federation", _federation, "found, join, run and leave a consortium")
    if words[:1] == ["federation"]:
        from entrepot import federation as papers

        papers.add(federation)


def _exchanges(commands: argparse._SubParsersAction[argparse.ArgumentParser], words: Sequence[str]) -> None:
    for name, text in (
        ("qti", "write questions as a QTI 3.0 package, or read one"),
        ("case", "write the graph as a CASE 1.1 package, or read one"),
        ("cartridge", "write a course as a Common Cartridge for Moodle, Canvas or another LMS"),
    ):
        made = _command(commands, name, _exchange, text)
        if words[:1] == [name]:
            from entrepot import exchange

            {"qti": exchange.add_qti, "case": exchange.add_case, "cartridge": exchange.add_cartridge}[name](made)

    kit = _command(commands, "kit", _kit, "write the empty files of an enterprise's case kit, or check a filled one")
    if words[:1] == ["kit"]:
        from entrepot import kits

        kits.add(kit)

    taught = _command(commands, "taught", _taught, "say what an institution changed in a catalog, or bring news in")
    if words[:1] == ["taught"]:
        from entrepot import taught as catalogs

        catalogs.add(taught)

    checked = _command(commands, "links", _links, "look whether links still lead somewhere; only when this is run")
    if words[:1] == ["links"]:
        from entrepot import links

        links.add(checked)


def _evaluations(commands: argparse._SubParsersAction[argparse.ArgumentParser], words: Sequence[str]) -> None:
    judged = _command(commands, "evaluate", _evaluate, "measure the model on a file of interactions or a store")
    if words[:1] == ["evaluate"]:
        from entrepot import evaluate

        evaluate.add(judged)

    path = _command(commands, "evaluate-paths", _evaluate_paths, "measure paths on simulated learners")
    if words[:1] == ["evaluate-paths"]:
        from entrepot import paths

        paths.add(path)

    trial = _command(commands, "experiment", _experiment, "say what an experiment on the path found")
    if words[:1] == ["experiment"]:
        from entrepot import experiments

        experiments.add(trial)


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(command=run)
    return parser


def _demo(arguments: argparse.Namespace) -> None:
    from entrepot import demo

    demo.run(
        demo.Plan(
            arguments.directory,
            arguments.institutions,
            arguments.port,
            arguments.once,
            arguments.policy,
            arguments.epsilon,
            arguments.learners,
        )
    )


def _init(arguments: argparse.Namespace) -> None:
    from entrepot import premises

    made = premises.establish(
        arguments.directory,
        arguments.institution,
        lti_url=arguments.url.rstrip("/"),
        xapi_url=arguments.xapi_url or f"{arguments.url.rstrip('/')}/xapi",
        storage_url=arguments.storage,
    )
    sys.stdout.write(f"Made {made.directory}. Its variables are in {made.directory / 'institution.env'}.\n")


def _collector(arguments: argparse.Namespace) -> None:
    from entrepot import serve

    with tempfile.TemporaryDirectory(prefix="entrepot-") as counters:
        os.environ["ENTREPOT_XAPI_METRICS"] = counters
        os.environ["ENTREPOT_XAPI_WORKERS"] = str(arguments.workers)
        serve.serve("entrepot.rsgi:collector", arguments.host, arguments.port, arguments.workers, whole=True)


def _tool(arguments: argparse.Namespace) -> None:
    from entrepot import serve

    serve.serve("entrepot.rsgi:tool", arguments.host, arguments.port, arguments.workers, whole=True)


def _sandbox(arguments: argparse.Namespace) -> None:
    from entrepot import serve

    serve.serve("entrepot.sandbox.app:application", arguments.host, arguments.port, 1)  # its state is in memory


def _credential(arguments: argparse.Namespace) -> None:
    from entrepot import premises
    from storage import connect, settings
    from xapi_collector import keyring
    from xapi_collector import settings as collector_settings
    from xapi_collector.door import auth

    found = settings.from_environ(collector_settings.Settings, os.environ)
    storage = connect.connect(found.storage, *premises.COLLECTIONS)
    try:
        key, secret = auth.create_credential(storage, keyring.load(found.keyring), arguments.name)
    finally:
        storage.close()
    sys.stdout.write(
        f"key     {key}\nsecret  {secret}\nThe secret is shown this once. Send statements to {found.xapi_url}.\n"
    )


def _platform(arguments: argparse.Namespace) -> int:
    from entrepot import premises
    from lti_tool import cli

    return cli.run(arguments, os.environ, premises.COLLECTIONS)


def _taught(arguments: argparse.Namespace) -> int:
    from entrepot import premises, taught

    return taught.run(arguments, os.environ, premises.COLLECTIONS)


def _links(arguments: argparse.Namespace) -> int:
    from entrepot import links, premises

    return links.run(arguments, os.environ, premises.COLLECTIONS)


def _key(arguments: argparse.Namespace) -> None:
    import time

    from entrepot import toolkey
    from lti_tool import settings as tool_settings
    from storage import settings

    path = Path(settings.from_environ(tool_settings.Settings, os.environ).key)
    sys.stdout.write(toolkey.STEPS[arguments.step](path, time.time(), getattr(arguments, "now", False)))


def _model(arguments: argparse.Namespace) -> None:
    from entrepot import models
    from lti_tool import settings as tool_settings
    from storage import settings

    place = Path(settings.from_environ(tool_settings.Settings, os.environ).models)
    if arguments.step == "list":
        told = models.listed(place, arguments.catalog)
    elif arguments.step == "show":
        told = models.shown(place, arguments.catalog, arguments.model)
    else:
        told = models.rolled_back(place, arguments.catalog, arguments.model)
    sys.stdout.write(told)


def _coordinator(arguments: argparse.Namespace) -> int:
    from federated import cli

    return cli.coordinator(arguments.directory, arguments.host, arguments.port)


def _member(arguments: argparse.Namespace) -> int:
    from federated import cli

    return cli.member(arguments.settings)


def _federation(arguments: argparse.Namespace) -> None:
    arguments.run(arguments)


def _lrs(arguments: argparse.Namespace) -> int:
    from entrepot import premises
    from xapi_collector import cli

    return cli.run(arguments, os.environ, premises.COLLECTIONS)


def _evaluate(arguments: argparse.Namespace) -> None:
    from entrepot import evaluate

    evaluate.run(arguments)


def _evaluate_paths(arguments: argparse.Namespace) -> int:
    from entrepot import paths

    return paths.run(arguments)


def _experiment(arguments: argparse.Namespace) -> None:
    from entrepot import experiments, premises

    experiments.run(arguments, os.environ, premises.COLLECTIONS)


def _exchange(arguments: argparse.Namespace) -> None:
    from datetime import UTC, datetime

    from entrepot import exchange

    exchange.run(arguments, os.environ, datetime.now(UTC).date())


def _kit(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from entrepot import kits

    return kits.run(arguments, datetime.now(UTC).date())


def _doctor(_arguments: argparse.Namespace) -> int:
    from entrepot import premises
    from lti_tool import cli as tool_cli
    from xapi_collector import cli as collector_cli
    from xapi_collector.jobs import doctor

    store = collector_cli.run(argparse.Namespace(run=doctor.run), os.environ, premises.COLLECTIONS)
    everything = argparse.Namespace(run=tool_cli.examine, iss=None, client=None)
    return max(store, tool_cli.run(everything, os.environ, premises.COLLECTIONS))


def _variables(_arguments: argparse.Namespace) -> None:
    from entrepot import variables

    for name, text in sorted(variables.known().items()):
        sys.stdout.write(f"{name}\n    {text}\n")


if __name__ == "__main__":
    sys.exit(main())
