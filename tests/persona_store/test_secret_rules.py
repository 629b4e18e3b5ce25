"""A secret is taken out to its last character, however long it is (rights.md IMP-19)."""

from __future__ import annotations

import pytest

from persona_store.redaction import redact

LONG = "".join(f"{number:x}Kq" for number in range(7, 400))


@pytest.mark.parametrize(
    "before",
    [
        "password=",
        "密码是",
        "token=",
        "sk-",
        "xoxb-",
        "ghp_",
        "Bearer ",
        "hooks.slack.com/services/",
        "access_token=",
    ],
)
def test_imp_19_a_secret_longer_than_its_rule_expects_is_gone_to_its_end(before: str) -> None:
    """A rule has a bound, so that it is quick; what it stopped in is not kept in part."""
    assert redact(f"{before}{LONG}").text.removeprefix(before).startswith("[removed: ")
    left = redact(f"it was {before}{LONG}, and then").text
    assert not any(LONG[at : at + 6] in left for at in range(len(LONG) - 6))
    assert left.endswith(", and then")


def test_imp_19_a_long_password_in_an_address() -> None:
    assert LONG[:100] not in redact(f"https://admin:{LONG[:300]}@db.corp.example/x").text
