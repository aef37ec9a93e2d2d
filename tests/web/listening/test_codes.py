"""Codes can be typed from paper, and tell nothing of one another."""

from bevlogen_web.listening import codes

CODE = "0123456789ABCDEFGHJKMNPQR"


def test_a_code_has_at_least_120_bits():
    assert len(codes.ALPHABET) ** codes.LENGTH >= 2**120


def test_made_codes_differ():
    assert len({codes.make() for _ in range(1000)}) == 1000


def test_a_made_code_reads_as_itself():
    code = codes.make()
    assert codes.read(codes.written(code)) == code


def test_it_is_written_in_groups():
    assert codes.written(CODE) == "01234-56789-ABCDE-FGHJK-MNPQR"


def test_letters_that_look_alike_are_read_as_meant():
    assert codes.read("o1234 56789 abcde fghjk mnpqr ") == CODE
    assert codes.read("0i234-56789-abcde-fghjk-mnpqr") == CODE
    assert codes.read("0l234-56789-abcde-fghjk-mnpqr") == CODE


def test_what_cannot_be_a_code_is_none():
    assert codes.read("") is None
    assert codes.read(CODE[:-1]) is None
    assert codes.read(CODE + "0") is None
    assert codes.read(CODE[:-1] + "U") is None
    assert codes.read(CODE[:-1] + "é") is None


def test_gate_place_and_key_share_nothing():
    gate, place, key = codes.gate(CODE), codes.draft_place(CODE), codes.draft_key(CODE)
    assert f"{place:016x}" not in gate
    assert key.hex() != gate
    assert 0 <= place < 2**63


def test_the_same_code_gives_the_same_values():
    assert codes.gate(CODE) == codes.gate(CODE)
    assert codes.draft_key(CODE) == codes.draft_key(CODE)
