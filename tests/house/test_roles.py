"""docs/roles.md says what the code holds."""

from lti_tool import permissions, roles
from tests.house import roles_table
from tests.house.conftest import ROOT

PAGE = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8")


def test_the_page_holds_the_table_of_permissions():
    assert roles_table.permissions_table() in PAGE, "run: .venv/bin/python -m tests.house.roles_table"


def test_the_page_holds_the_table_of_roles():
    assert roles_table.roles_table() in PAGE, "run: .venv/bin/python -m tests.house.roles_table"


def test_no_role_and_no_permission_is_left_out():
    assert roles_table.NAMES.keys() == set(roles.Role) == permissions.MATRIX.keys()
    assert roles_table.WORDS.keys() == set(permissions.Permission)


def test_the_tables_can_be_written_anew(tmp_path):
    page = tmp_path / "roles.md"
    page.write_text(PAGE.replace("| yes |", "| no |"), encoding="utf-8")
    roles_table.write(page)

    assert page.read_text(encoding="utf-8") == PAGE
