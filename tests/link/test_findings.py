import numpy as np
import pytest

from bevlogen import link, steer
from bevlogen.core.chain import CLAIMS
from bevlogen.core.measured import Panel
from bevlogen.core.results import Provenance

NOTHING = Panel((), (), (), (), np.empty((0, 0, 0)), np.empty((0, 0, 0)), np.empty((0, 0, 0)))


@pytest.fixture
def bare(make):
    return link.findings(NOTHING, None, make.organisation(), 1)


def test_every_claim_that_a_link_cannot_answer_has_a_finding(bare):
    assert [f.claim for f in bare] == [c.id for c in CLAIMS.values() if c.method not in ("link", "use")]


def test_without_data_each_finding_says_why_in_both_languages(bare):
    assert all(np.isnan(f.estimate) and f.reason.en and f.reason.nl for f in bare)


def test_without_data_every_claim_is_undetermined(bare, make):
    chain = steer.judge((), make.organisation(), Provenance("0", "abc", 1), bare)
    assert {c.verdict for c in chain.claims} == {"undetermined"}
