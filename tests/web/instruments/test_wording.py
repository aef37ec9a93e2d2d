"""Wording of a licence holder: taken whole or not at all. The words here are made up."""

import pytest

from bevlogen_web.instruments import definition, forms, ours, wording

KEYS = ["uwes_vi1", "uwes_de2", "uwes_ab4", *(f"point{n}" for n in range(7))]


@pytest.fixture
def structure():
    return ours.definition_of("uwes-3")


def table(rows, head="key;nl;en"):
    return "\r\n".join([head, *rows]).encode()


def test_the_template_has_every_key_and_no_word(structure):
    assert wording.template(structure).split() == ["key;nl;en", *(f"{key};;" for key in KEYS)]


def test_a_filled_file_gives_a_questionnaire_without_flaw(structure):
    filled = wording.fill(structure, table([f"{key};woord {key};word {key}" for key in KEYS]))
    assert definition.flaws(filled) == []
    assert definition.languages(filled) == ["nl", "en"]


def test_each_point_of_the_scale_gets_its_word(structure):
    filled = wording.fill(structure, table([f"{key};woord {key};" for key in KEYS]))
    options = forms.questions_of(filled, 0, {}, language="nl")[0].options
    assert [option.text for option in options] == [f"woord point{n}" for n in range(7)]


def test_one_language_is_enough(structure):
    filled = wording.fill(structure, table([f"{key};woord;" for key in KEYS]))
    assert definition.languages(filled) == ["nl"]


def test_commas_and_windows_letters_are_read(structure):
    content = "\n".join(["key,nl,en", *(f"{key},é,x" for key in KEYS)]).encode("cp1252")
    assert wording.fill(structure, content)["pages"][0]["questions"][0]["text"] == {"nl": "é", "en": "x"}


def test_toml_is_read(structure):
    content = "\n".join(f'[{key}]\nnl = "woord"\nen = "word"' for key in KEYS).encode()
    assert definition.flaws(wording.fill(structure, content)) == []


def test_every_fault_is_named_at_once(structure):
    rows = [f"{key};woord;" for key in KEYS[1:-1]] + ["uwes_xx;woord;", f"point6;{'a' * 301};"]
    with pytest.raises(wording.WordingError) as caught:
        wording.fill(structure, table(rows))
    assert [fault.where for fault in caught.value.faults] == ["uwes_vi1", "uwes_xx", "point6"]


def test_a_half_filled_language_is_a_fault(structure):
    rows = [f"{key};woord;word" for key in KEYS[:-1]] + ["point6;woord;"]
    with pytest.raises(wording.WordingError) as caught:
        wording.fill(structure, table(rows))
    assert [fault.where for fault in caught.value.faults] == ["point6"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff" * 50, b"a;b\n1;2", b"key\n", b'key;nl;en\n"', b"a" * 300_000])
def test_rubbish_is_refused(structure, content):
    with pytest.raises(wording.WordingError):
        wording.fill(structure, content)
