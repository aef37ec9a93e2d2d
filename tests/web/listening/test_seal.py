"""What is sealed says nothing, not even how long it is."""

import os
import stat

import pytest
from cryptography.exceptions import InvalidTag
from listening.rounds import DEFINITION

from bevlogen_web.instruments.forms import LONGEST_TEXT
from bevlogen_web.listening import seal

KEY = bytes(range(32))


def test_it_opens_with_key_and_context():
    sealed = seal.close_up({"e1": 4, "more": "Goed – écht"}, KEY, 500, "letter 1")
    assert seal.unseal(sealed, KEY, "letter 1") == {"e1": 4, "more": "Goed – écht"}


def test_another_key_does_not_open_it():
    with pytest.raises(InvalidTag):
        seal.unseal(seal.close_up({}, KEY, 500, "letter 1"), bytes(32), "letter 1")


def test_another_round_does_not_open_it():
    with pytest.raises(InvalidTag):
        seal.unseal(seal.close_up({}, KEY, 500, "letter 1"), KEY, "letter 2")


def test_every_letter_has_the_same_size(letter_size):
    short = seal.close_up({"unit": 1, "answers": {"e1": 1}}, KEY, letter_size, "x")
    long = seal.close_up({"unit": 2**40, "answers": {"more": "\U0001f600" * LONGEST_TEXT}}, KEY, letter_size, "x")
    assert len(short) == len(long)


def test_the_longest_answer_to_everything_fits(letter_size):
    everything = {"unit": 2**63, "answers": {"e1": 5, "e2": 5, "more": "\U0001f600" * LONGEST_TEXT}}
    assert seal.close_up(everything, KEY, seal.room(DEFINITION), "x")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="larger than the room"):
        seal.close_up({"more": "x" * 100}, KEY, 50, "x")


def test_the_same_content_is_never_sealed_the_same_twice():
    assert seal.close_up({}, KEY, 50, "x") != seal.close_up({}, KEY, 50, "x")


def test_a_key_is_for_its_owner_only(settings):
    path = settings.DATA / "keys" / "rounds" / seal.make_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert len(path.read_bytes()) == 32


def test_a_destroyed_key_was_overwritten_first(settings):
    name = seal.make_key()
    path = settings.DATA / "keys" / "rounds" / name
    before = path.read_bytes()
    os.link(path, path.with_suffix(".seen"))
    seal.destroy_key(name)
    assert not path.exists()
    assert path.with_suffix(".seen").read_bytes() != before


def test_a_key_that_is_gone_is_said_to_be():
    with pytest.raises(seal.KeyGoneError):
        seal.key_of("never-there")


def test_a_round_without_a_key_never_reads_the_folder():
    with pytest.raises(seal.KeyGoneError):
        seal.key_of("")


def test_destroying_twice_is_harmless():
    name = seal.make_key()
    seal.destroy_key(name)
    seal.destroy_key(name)
