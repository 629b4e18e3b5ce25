import pytest

from persona_store import names
from persona_store.errors import Refused


@pytest.mark.parametrize("name", ["a", "carlyn", "0-9", "lin-zhou-2", "a" * 40])
def test_a_plain_name_passes_unchanged(name: str) -> None:
    assert names.checked(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "-a", "a" * 41, "A", "a_b", "../p1", "p1/..", "p1\n", "p1; drop", "p1\n/understudy export", "ａ", "а",
     "p1\0", "p1.dek", "x" * 10_000],
)  # fmt: skip
def test_a_name_that_could_mean_another_file_or_key_is_refused(name: str) -> None:
    """CMD-03: path climbing, separators, control characters, look-alikes and endless names."""
    with pytest.raises(Refused) as refused:
        names.checked(name)
    assert refused.value.code == "PERSONA_NAME"
    assert len(str(refused.value)) < 250
    assert "\n" not in str(refused.value)
