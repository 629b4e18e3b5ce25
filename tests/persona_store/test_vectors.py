"""Vectors in a byte a number: what is kept says what was given, and the matrix what each row says alone."""

from __future__ import annotations

import math

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_store.vectors import Matrix, Numbers, pack, unit

numbers = st.integers(-1000, 1000).map(lambda number: (number or 1) / 1000)
vectors = st.lists(numbers, min_size=16, max_size=16)


def alone(vector: list[float]) -> Numbers:
    """What a packed vector says by itself."""
    return unit(numpy.frombuffer(pack(vector), numpy.int8))


@given(vectors, vectors)
@settings(max_examples=60, deadline=None)
def test_cosines_survive_the_packing(one: list[float], other: list[float]) -> None:
    exact = float(unit(one) @ unit(other))
    assert float(alone(one) @ unit(other)) == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("bad", [[], [0.0, 0.0], [math.nan, 1.0], [math.inf, 1.0], [1.0] * 9000, [[1.0], [2.0]]])
def test_what_has_no_direction_is_no_vector(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="no vector"):
        pack(bad)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | vectors), max_size=40), vectors)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_and_goes_each_row_says_what_it_says_alone(
    steps: list[tuple[str, list[float] | None]], asked: list[float]
) -> None:
    matrix, held = Matrix(16), {}
    for id, vector in steps:
        if vector is None:
            matrix.drop([id])
            held.pop(id, None)
        else:
            matrix.put(id, pack(vector), len(vector) % 2)
            held[id] = vector
    assert set(matrix.ids) == set(held)
    question = unit(asked)
    for id, cosine in zip(matrix.ids, matrix.times(question), strict=True):
        assert cosine == pytest.approx(float(alone(held[id]) @ question), abs=1e-5)
        row = matrix.row(id)
        assert row is not None
        assert float(matrix.at([row])[0] @ question) == pytest.approx(float(cosine), abs=1e-5)


def test_nothing_of_what_was_taken_out_stays_in_memory() -> None:
    matrix = Matrix(4)
    for id in "abc":
        matrix.put(id, pack([1.0, 2.0, 3.0, 4.0]), 0)
    matrix.drop("ab")
    assert not matrix._bytes[1:].any()
    matrix.drop("c")
    assert not matrix._bytes.any()


def test_it_grows_past_any_block() -> None:
    matrix = Matrix(8)
    dice = numpy.random.default_rng(1)
    made = dice.normal(size=(5000, 8)).astype(numpy.float32)
    for n, vector in enumerate(made):
        matrix.put(str(n), pack(vector), 0)
    question = unit(made[4321])
    assert matrix.ids[int(matrix.times(question).argmax())] == "4321"


def test_a_vector_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="another length"):
        Matrix(4).put("a", pack([1.0] * 5), 0)
