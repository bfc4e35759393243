"""The oldest versions that are allowed are those that the tests are run with."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
REQUIREMENT = re.compile(r"(?P<name>[\w-]+)>=(?P<version>[\d.]+)")


def test_the_oldest_versions_that_are_allowed_are_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    allowed = project["dependencies"] + project["optional-dependencies"]["test"]
    oldest = dict(REQUIREMENT.fullmatch(requirement).groups() for requirement in allowed)
    lines = (ROOT / "tests" / "minimum.txt").read_text().splitlines()
    tested = dict(line.split("==") for line in lines if not line.startswith("#"))
    for name, version in oldest.items():
        assert re.fullmatch(rf"{re.escape(version)}(\.0)*", tested[name]), name
