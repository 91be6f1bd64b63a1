"""The tests of other projects, run with this package in the place of NumPy's functions.

    python suites.py [numpy|scipy|dask]...

What is expected to fail is listed in `expected_failures.toml`, each with its reason; another failure, and a listed test
that passes, end this with an error.
"""

import sys
import tomllib
from pathlib import Path

import pytest

import pynpio
import pynpio.compat

LISTED = Path(__file__).with_name("expected_failures.toml")

SUITES = {
    "numpy": [
        ["numpy.lib.tests.test_format"],
        ["numpy.lib.tests.test_io"],
        ["numpy.lib.tests.test_loadtxt"],
        ["numpy.lib.tests.test_regression"],
        ["numpy._core.tests.test_memmap"],
        ["numpy._core.tests.test_longdouble"],
        ["numpy._core.tests.test_records"],
        ["numpy._core.tests.test_multiarray", "-k", "IO or fromfile or tofile"],
    ],
    "scipy": [
        ["scipy.io.tests"],
        ["scipy.sparse.tests.test_matrix_io"],
        ["scipy.special.tests.test_data"],
        ["scipy.ndimage.tests.test_measurements"],
    ],
    "dask": [
        ["dask.array.tests.test_array_core", "-k", "npy or memmap or from_array or store"],
    ],
}


class Results:
    """What happened to each test."""

    def __init__(self):
        self.failed = {}
        self.passed = set()

    def pytest_runtest_logreport(self, report):
        # Where a package is installed does not matter, nor does its version.
        name = report.location[0].split("site-packages/")[-1] + "::" + report.location[2]
        if report.failed:
            self.failed[name] = str(report.longrepr).rstrip().splitlines()[-1]
        elif report.when == "call" and report.passed:
            self.passed.add(name)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed[report.nodeid or "collection"] = str(report.longrepr)


def run(suite):
    results = Results()
    for arguments in SUITES[suite]:
        module, *options = arguments
        pytest.main(
            ["-q", "--no-header", "--tb=no", "--no-summary", "-p", "no:cacheprovider", "--pyargs", module, *options],
            plugins=[results],
        )
    return results


def main(suites):
    expected = tomllib.loads(LISTED.read_text())
    pynpio.compat.install()
    problems = []
    for suite in suites or SUITES:
        results = run(suite)
        listed = expected.get(suite, {})
        for name, why in results.failed.items():
            if name not in listed:
                problems.append(f"{suite}: {name} failed: {why}")
        for name in listed:
            if name in results.passed:
                problems.append(f"{suite}: {name} passes now: take it off the list")
            elif name not in results.failed:
                problems.append(f"{suite}: {name} was not run: take it off the list")
        print(f"{suite}: {len(results.passed)} passed, {len(results.failed)} failed, {len(listed)} expected to")
        if not results.passed:
            problems.append(f"{suite}: nothing was run")
    for name, (ours, numpys) in pynpio.served().items():
        print(f"    {name}: {ours} served, {numpys} left to NumPy")
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
