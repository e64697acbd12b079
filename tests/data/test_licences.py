import pytest

from pixelmind.data.licences import ALLOWED, EVALUATION_ONLY, chosen, matches, normalise


@pytest.mark.parametrize(
    ("written", "spdx"),
    [
        ("CC0", "CC0-1.0"),
        ("cc0 1.0", "CC0-1.0"),
        ("CC-BY-SA 3.0", "CC-BY-SA-3.0"),
        ("cc by sa 4", "CC-BY-SA-4.0"),
        ("CC-BY-SA-3.0+", "CC-BY-SA-3.0"),
        ("CC-BY 3.0", "CC-BY-3.0"),
        ("CC-BY-NC-4.0", "CC-BY-NC-4.0"),
        ("OGA-BY 3.0", "OGA-BY-3.0"),
        ("LicenseRef-OGA-BY-3.0", "OGA-BY-3.0"),
        ("GPL 3.0", "GPL-3.0-only"),
        ("GPLv2", "GPL-2.0-only"),
        ("GPL-3.0-or-later", "GPL-3.0-or-later"),
        ("GNU LGPL 2.1+", "LGPL-2.1-or-later"),
        ("Public Domain", "LicenseRef-public-domain"),
        ("The MIT License", "MIT"),
        ("BSD-2-Clause", "BSD-2-Clause"),
        ("Apache License 2.0", "Apache-2.0"),
        ("(CC-BY-SA 3.0 OR GPL 3.0)", "CC-BY-SA-3.0 OR GPL-3.0-only"),
        ("All rights reserved", "All rights reserved"),
    ],
)
def test_names_become_spdx_and_stay_so(written, spdx):
    assert normalise(written) == spdx
    assert normalise(spdx) == spdx


@pytest.mark.parametrize(
    "licence", ["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-3.0", "OGA-BY-3.0", "MIT", "public domain", "BSD"]
)
def test_default_list_admits(licence):
    assert matches(licence, ALLOWED)


@pytest.mark.parametrize(
    "licence", ["GPL-3.0", "NGPL", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-ND-3.0", "", "unknown", "LicenseRef-Other"]
)
def test_default_list_refuses(licence):
    assert not matches(licence, ALLOWED)


def test_expressions_need_one_side_of_or_and_all_of_and():
    assert matches("GPL-3.0-only OR CC-BY-SA-3.0", ALLOWED)
    assert not matches("GPL-3.0-only AND CC-BY-SA-3.0", ALLOWED)
    assert chosen("GPL-3.0-only OR CC-BY-SA-3.0 OR OGA-BY-3.0") == "CC-BY-SA-3.0 OR OGA-BY-3.0"


def test_evaluation_only_takes_copyleft_but_not_unknown_or_non_commercial():
    assert matches("GPL-3.0-or-later", EVALUATION_ONLY)
    assert matches("NGPL", EVALUATION_ONLY)
    assert not matches("CC-BY-NC-4.0", EVALUATION_ONLY)
    assert not matches("All rights reserved", EVALUATION_ONLY)
