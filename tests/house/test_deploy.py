"""What deploy/ starts is what the `entrepot` command offers, with the variables that it reads."""

import argparse
import re
import shlex
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import yaml

from entrepot import cli, variables
from lti_tool import settings as tool_settings
from storage import settings
from tests.house.conftest import ROOT
from xapi_collector import settings as collector_settings
from xapi_collector.door import body
from xapi_collector.resources import statements

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE = [DEPLOY / "institution" / "compose.yaml", DEPLOY / "coordinator" / "compose.yaml"]
PARTS = {"collector", "tool", "member", "coordinator"}
FORWARD = {"lrs": "forward"}  # a unit is named by its command, a service by what it does


def services(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["services"]


def parsed(arguments):
    words = [str(one) for one in arguments]
    return cli._parser(words).parse_args(words)


def ours():
    return [
        pytest.param(service, id=f"{path.parent.name}-{name}")
        for path in COMPOSE
        for name, service in services(path).items()
        if service["image"].startswith("entrepot:")
    ]


def exec_start(unit):
    return shlex.split(re.search(r"^ExecStart=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)[1])


def test_there_is_a_unit_and_a_service_for_every_part():
    named = {name for path in COMPOSE for name in services(path)}

    assert {unit.stem for unit in UNITS} == {f"entrepot-{part}" for part in PARTS | FORWARD.keys()}
    assert named == PARTS | {"proxy", *FORWARD.values()}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_exists(unit):
    program, *arguments = exec_start(unit)

    assert program == "/opt/entrepot/bin/entrepot"
    assert isinstance(parsed(arguments), argparse.Namespace)
    assert unit.stem == f"entrepot-{arguments[0]}"


@pytest.mark.parametrize("service", ours())
def test_a_service_starts_a_command_that_exists(service):
    assert isinstance(parsed(service["command"]), argparse.Namespace)


@pytest.mark.parametrize("service", ours())
def test_a_service_can_write_nowhere_but_where_it_must_and_gain_no_right(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [mount.split(":")[1] for mount in service["volumes"]] == ["/var/lib/entrepot"]


@pytest.mark.parametrize("service", ours())
def test_a_service_is_given_only_variables_that_are_read(service):
    names = {name for name in service.get("environment", {}) if name.startswith("ENTREPOT_")}

    assert names <= set(variables.known())


def test_an_institution_opens_no_port_to_the_outside():
    ports = [port for service in services(COMPOSE[0]).values() for port in service.get("ports", [])]

    assert len(ports) == 2
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_coordinator_is_reached_through_the_proxy_alone():
    both = services(COMPOSE[1])

    assert "ports" not in both["coordinator"]
    assert both["proxy"]["ports"] == ["0.0.0.0:443:8443"]


def test_the_proxy_lets_through_nothing_but_the_fleet():
    text = re.sub(r"#.*", "", (DEPLOY / "coordinator" / "nginx.conf").read_text(encoding="utf-8"))
    locations = re.findall(r"location ([^{]+)\{([^}]*)\}", text)

    assert [where.strip() for where, body in locations if "proxy_pass" in body] == ["^~ /v1/fleet/"]
    assert [(where.strip(), body.strip()) for where, body in locations if "proxy_pass" not in body] == [
        ("/", "return 404;")
    ]


def proxied(name):
    """The locations of a proxy's configuration: what is passed on, and what is not."""
    text = re.sub(r"#.*", "", (DEPLOY / name / "nginx.conf").read_text(encoding="utf-8"))
    locations = re.findall(r"location ([^{]+?) *\{([^}]*)\}", text)
    return text, {where: body.strip() for where, body in locations}


def test_the_institutions_proxy_passes_the_collector_and_the_tool_and_no_figures():
    _, locations = proxied("institution")

    assert locations == {
        "^~ /xapi/": "proxy_pass http://127.0.0.1:9001;",
        "^~ /caliper": "proxy_pass http://127.0.0.1:9001;",
        "^~ /lti/": "proxy_pass http://127.0.0.1:9002;",
        "^~ /ims/case/": "proxy_pass http://127.0.0.1:9002;",
        "/": "return 404;",
    }


def test_the_institutions_proxy_takes_the_largest_body_that_the_collector_takes():
    text, _ = proxied("institution")
    megabytes = int(re.search(r"client_max_body_size (\d+)m;", text)[1])

    assert megabytes * 2**20 > statements.MAX_MULTIPART > body.LIMIT


def test_the_institutions_proxy_writes_no_address_into_its_log():
    text, _ = proxied("institution")
    form = re.search(r"log_format plain '([^']*)'", text)[1]

    assert not set(re.findall(r"\$(\w+)", form)) & {
        "uri",
        "request",
        "request_uri",
        "args",
        "http_referer",
        "document_uri",
    }
    assert "error_log /dev/stderr crit;" in text
    assert "proxy_set_header X-Request-Id $request_id;" in text


def test_the_image_is_built_from_every_room_and_the_hashes():
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]
        if word[0] != "-"
    }

    assert copied >= {"storage", "xapi_collector", "curriculum", "recommender", "federated", "lti_tool", "entrepot"}
    assert {f"!{name}" for name in copied} <= set(ignore)
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)


def example_names(text):
    return re.findall(r"^#? ?(ENTREPOT_\w+)=", text, re.MULTILINE)


def test_the_example_environment_names_every_variable_of_a_collector_and_a_tool():
    text = (DEPLOY / "institution" / "institution.env.example").read_text(encoding="utf-8")
    read = {**settings.names(collector_settings.Settings), **settings.names(tool_settings.Settings)}

    assert set(example_names(text)) == set(read)


class Answer(BaseHTTPRequestHandler):
    """Answers /well with 200 and everything else with 503."""

    def do_GET(self):
        self.send_response(200 if self.path == "/well" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Answer) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening.server_port
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def health():
    namespace = {"__name__": "health"}
    exec(compile((DEPLOY / "health.py").read_text(encoding="utf-8"), "health.py", "exec"), namespace)
    return namespace["problem"]


def test_the_health_check_is_content_with_an_address_that_answers(health, server):
    assert health(f"http://127.0.0.1:{server}/well") is None


def test_the_health_check_says_what_an_ailing_address_answers(health, server):
    assert "503" in health(f"http://127.0.0.1:{server}/ill")


def test_the_health_check_is_content_with_a_port_that_listens(health, server):
    assert health(f"127.0.0.1:{server}") is None


def test_the_health_check_names_a_port_that_nobody_listens_on(health, server):
    with HTTPServer(("127.0.0.1", 0), Answer) as closed:
        port = closed.server_port

    assert f"127.0.0.1:{port}" in health(f"127.0.0.1:{port}")
