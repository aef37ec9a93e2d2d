"""The order of the rooms: from files to the steering picture. Read this file first.

    sources -> measure -> link -> steer -> disclose -> show

Each step is a room; each hands on one frozen record of ``core``; nothing runs backwards. A step runs once,
when it is first asked for. A room is loaded when its step runs, so that a new day of answers is measured without
waiting for what comes after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bevlogen import measure, sources
from bevlogen.core import thresholds
from bevlogen.core.chain import CLAIMS, Language, Link
from bevlogen.core.foreseen import Outlook, Warnings, WhatIf
from bevlogen.core.judged import Chain
from bevlogen.core.linked import Found
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Learned, LearnPlan, Limits, Plan, Portfolio
from bevlogen.core.released import LEDGER, Inference, Publication
from bevlogen.core.results import Design
from bevlogen.core.shown import Release
from bevlogen.core.tables import Workspace
from bevlogen.errors import writing
from bevlogen.models.threads import one_thread

if TYPE_CHECKING:
    from bevlogen.disclose.comments import Question
    from bevlogen.steer import Response

Basis = Literal["own", "published", "combined"]
Step = Literal["measure", "link", "steer"]


class Study:
    """One organisation, from its workspace to its steering picture."""

    def __init__(self, workspace: Workspace, ledger: Path | None = None) -> None:
        self.workspace = workspace
        self.ledger = ledger
        self._responses: dict[tuple[str, str], Response] = {}
        self._releases: dict[Step, Release] = {}

    def measure(self) -> Measurement:
        """How is each unit doing, and can its scores be trusted?"""
        return self._measurement

    def link(self) -> Chain:
        """Does the chain hold here? One verdict per claim."""
        return self._chain

    def steer(self) -> Plan:
        """Where first, and what may it bring?"""
        return self._plan

    def what_if(
        self, lever: str, by: float, *, units: Sequence[str] = (), periods: int = 8, basis: Basis = "combined"
    ) -> WhatIf:
        """What would moving a lever bring, compared with doing nothing? See ``steer.whatif``.

        Parameters
        ----------
        lever : such as ``autonomy`` or ``engagement``.
        by : points of its own scale; it stays moved.
        units : keys of the units where it is moved; none means all.
        periods : how far to look.
        basis : own data, published effects, or both combined.
        """
        from bevlogen import disclose, steer

        shown = self._shown
        with one_thread():
            if (lever, basis) not in self._responses:
                self._responses[lever, basis] = steer.respond(shown, self.workspace.organisation, lever, basis=basis)
            found = steer.what_if(
                shown,
                self.workspace,
                lever,
                by,
                units=units,
                periods=periods,
                response=self._responses[lever, basis],
            )
        return disclose.guard_what_if(found, shown.panel, self.workspace.organisation.policy)

    def choose(self, limits: Limits, *, target: float | None = None) -> Portfolio:
        """Which moves together bring most within money, hours, numbers and fairness? See ``steer.choose``.

        Parameters
        ----------
        limits : what the moves must keep to.
        target : SD over all moves to reach; then the chance of that is made as large as can be.
        """
        from bevlogen import disclose, steer

        shown = disclose.may_choose(self.release())
        with one_thread():
            found = steer.choose(
                disclose.as_shown(self.release(), self.measure()),
                self._told_chain,
                self.workspace,
                limits,
                target=target,
                shown=shown,
            )
        return disclose.guard_choices(found)

    def forecast(self, targets: Mapping[str, float] | None = None) -> tuple[Outlook, ...]:
        """Where does right to exist go over the next year, by the figures that are shown? See ``steer.continuity``.

        Parameters
        ----------
        targets : by measure, the value it must not pass, beside those under ``[targets]`` of organisation.toml;
            ``return`` has break-even, 0.
        """
        from bevlogen import disclose

        if not targets:
            return self.release().outlooks
        return disclose.guard_outlooks(self._forecast(self._shown, targets))

    def warnings(self) -> tuple[Warnings, ...]:
        """Which units may lose customers, or see absence or departures rise, and how often was that right?

        Those of the release. See ``steer.warning``.
        """
        return self.release().warnings

    def learned(self) -> tuple[Learned, ...]:
        """What did own actions bring so far, by lever, as the release shows them? See ``steer.learned``."""
        from bevlogen import steer

        return steer.learned(self.release().effects)

    def plan_start(
        self,
        lever: str,
        units: Sequence[str],
        *,
        outcome: str = "engagement",
        steps: int = 2,
        at_once: bool = False,
        target: float = 0.24,
        seed: int = 0,
        not_before: str = "",
    ) -> LearnPlan:
        """How should an action begin so that it shows whether it worked? See ``steer.plan``.

        Made of figures as they are shown: a plan can be asked again with other units, and must tell of none.

        Parameters
        ----------
        lever, units, outcome : what is moved, where, and what it should bring.
        steps : groups that begin one after another, by lot; 2 means half now and half later.
        at_once : all must begin at once; units alike are then held against them.
        target : effect in SD that must be found.
        seed : of the lot.
        not_before : day before which nobody can begin any more.
        """
        from bevlogen import steer

        return steer.plan_start(
            self._shown,
            self.workspace,
            lever,
            units,
            outcome=outcome,
            steps=steps,
            at_once=at_once,
            target=target,
            seed=seed,
            not_before=not_before,
        )

    def explore(
        self,
        cause: str,
        outcome: str,
        *,
        design: Design | None = None,
        lag: int = 1,
        hold: Sequence[str] = (),
        service: str = "",
    ) -> Release:
        """Ask one link that no claim foresaw, with the estimators and the rule of verdict of all other links.

        Made of figures as they are shown, so that no number of answers tells more than they do; what rounding does to
        them is corrected for as chance in answers is. Figures that the release hides take no part.

        Parameters
        ----------
        cause, outcome : constructs, facets or measures, such as ``engagement`` and ``absence``.
        design : ``cross-sectional``, ``within`` or ``lagged``; None for all, of which one decides.
        lag : periods from cause to outcome in the lagged design.
        hold : other variables held constant, beside those of ``[link] adjust``; the service always is.
        service : keep to the units of one service; "" for all.

        Returns
        -------
        A release without figures of units; the link is ``picture[0]``. It is not held to the false discovery rate over
        all that is asked, so what it finds is a question to test, not a finding.
        """
        from bevlogen import disclose, link, steer

        measured = measure.with_pair(self.workspace, self.measure(), cause, outcome)
        panels = disclose.as_shown(self.release(upto="measure"), measured).panel, measured.panel
        panel, exact = (link.of_service(one, service) if service else one for one in panels)
        own = self.workspace.organisation
        organisation = replace(own, adjust=tuple(dict.fromkeys((*own.adjust, *hold))))
        with one_thread():
            found = link.explore(
                cause,
                outcome,
                panel,
                organisation,
                design=design,
                lag=lag,
                hold=hold,
                hidden=link.all_hidden(panel, exact),
            )
        return disclose.release_link(self.workspace, self.measure(), steer.judge_link(found, organisation), panel)

    def hear(self, questions: Sequence[Question], *, names: Iterable[str] = (), texts: bool = False) -> Release:
        """Give the release with what people wrote, as far as it may be read. See ``disclose.voices``.

        A question is told once of each period, so ask when the period is over: what is written later is not counted,
        and what a group told is withdrawn once something of it was erased.

        Parameters
        ----------
        questions : open questions of rounds, each with its comments (``bv.comments.Question``).
        names : of people here, to mask.
        texts : also the comments themselves, and not only their themes.
        """
        from bevlogen import disclose

        return disclose.heard(self.workspace, self.ledger, self.release(), questions, names=names, texts=texts)

    def release(self, *, upto: Step = "steer") -> Release:
        """What may be shown of everything up to a step, less what could tell of a person."""
        if upto not in self._releases:
            self._releases[upto] = self._released(upto)
        return self._releases[upto]

    def report(self, path: str | Path, *, language: Language | None = None, release: Release | None = None) -> Path:
        """Write the steering picture and return its path; the name says as what.

        ``.html`` is one page, ``.pdf`` the report for the board, ``.xlsx`` a workbook and ``.pptx`` slides, both with
        native tables and charts. Its folder is made if need be. All but the page need ``pip install bevlogen[web]``.
        ``release`` is another than that of this study, such as that of ``hear``: the page then tells its themes.
        """
        from bevlogen import show

        show.known(Path(path))
        shown = release or self.release()
        with writing(Path(path)):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            return show.write(shown, Path(path), language or self.workspace.organisation.language)

    def to_json(self, path: str | Path, *, upto: Step = "steer", release: Release | None = None) -> Path:
        """Write the release in the documented JSON schema; return its path.

        ``release`` is another than that of this study up to a step, such as that of ``hear``, with its themes.
        """
        from bevlogen import show

        shown = release or self.release(upto=upto)
        with writing(Path(path)):
            return show.write_json(shown, Path(path))

    def publish(
        self,
        book: str | Path,
        *,
        epsilon: float | None = None,
        total: float | None = None,
        period: str | None = None,
    ) -> Publication:
        """Give the means of the whole organisation for open publication, with noise that hides any one person.

        Parameters
        ----------
        book : file of everything published before and what it cost.
        epsilon : spent on each new mean; a mean that was published before costs nothing, and is the same again. By
            default a quarter of ``total`` is spent on all new means together: enough for four editions.
        total : most that may ever be told of one person, over all publications; never raised later. By default that of
            the book, and 4 in a new one.
        period : label; the last by default.

        Raises
        ------
        NoiseError
            Fewer than 300 respondents, a spent budget, an altered book, or OpenDP not installed.
        """
        from bevlogen import disclose

        return disclose.publish(self.workspace, self.measure(), Path(book), epsilon=epsilon, total=total, period=period)

    def _released(self, upto: Step) -> Release:
        from bevlogen import disclose, steer

        nothing = self.measure().provenance
        chain = self._told_chain if upto != "measure" else Chain((), (), nothing)
        none = Plan((), (), 0.0, "", "", nothing)
        plan = steer.plan(self.measure(), chain, self.workspace) if upto == "steer" else none
        return disclose.remembered(
            self.workspace,
            self.measure(),
            self.ledger,
            lambda ledger: disclose.release(
                self.workspace,
                self.measure(),
                chain,
                plan,
                ledger=ledger,
                of_shown=self._rests_on_few(link.estimate.link for link in chain.picture),
                steer=(lambda shown: steer.plan(shown, chain, self.workspace)) if upto == "steer" else None,
                effects=lambda shown: steer.effects(shown, self.workspace),
                forecast=self._forecast if upto == "steer" else None,
                warn=(lambda shown: steer.warnings(shown, self.workspace)) if upto == "steer" else None,
            ),
        )

    def _forecast(self, shown: Measurement, targets: Mapping[str, float] | None = None) -> tuple[Outlook, ...]:
        from bevlogen import steer

        with one_thread():
            return steer.outlooks(shown, self.workspace, targets=targets)

    @cached_property
    def _measurement(self) -> Measurement:
        with one_thread():
            return measure.measure(self.workspace)

    @cached_property
    def _chain(self) -> Chain:
        return self._judged(self._found(self._measurement))

    @cached_property
    def _shown(self) -> Measurement:
        """What was measured, as it is shown."""
        from bevlogen import disclose

        return disclose.as_shown(self.release(upto="measure"), self.measure())

    def _rests_on_few(self, links: Iterable[Link]) -> bool:
        """Whether one of these is made of so few figures that it would tell them if they were exact."""
        from bevlogen import disclose

        held = [v for v in self.workspace.organisation.adjust if v in self.measure().panel.variables]
        return any(
            disclose.are_few(self.workspace, self.measure(), (link.cause, link.outcome, *held)) for link in links
        )

    @cached_property
    def _told_chain(self) -> Chain:
        """The chain as a release tells it: links of few figures are made of what is shown; nothing hidden counts."""
        from bevlogen import disclose, link

        exact, shown = self.measure(), self._shown
        hidden = link.all_hidden(shown.panel, exact.panel)
        found = self._found(replace(exact, panel=disclose.without_hidden(shown.panel, exact.panel)), hidden)
        if self._rests_on_few(one.link for one in found.links):
            of_few = self._found(shown, hidden)
            links = zip(found.links, of_few.links, strict=True)
            findings = zip(found.findings, of_few.findings, strict=True)
            found = Found(
                tuple(few if self._rests_on_few([one.link]) else one for one, few in links),
                tuple(few if self._rests_on_few(CLAIMS[one.claim].links) else one for one, few in findings),
            )
        return self._judged(found)

    def _found(self, measured: Measurement, hidden: Collection[str] = ()) -> Found:
        from bevlogen import link

        organisation = self.workspace.organisation
        with one_thread(), ThreadPoolExecutor(1) as beside:
            links = beside.submit(link.estimate, measured.panel, organisation, hidden)
            rows = measure.encounters(self.workspace, measured)
            findings = link.findings(measured.panel, rows, organisation, measured.provenance.seed)
        return Found(links.result(), findings)

    def _judged(self, found: Found) -> Chain:
        from bevlogen import steer

        return steer.judge(found.links, self.workspace.organisation, self.measure().provenance, found.findings)

    @cached_property
    def _plan(self) -> Plan:
        from bevlogen import steer

        return steer.plan(self._measurement, self._chain, self.workspace)


def open_study(directory: str | Path, *, data: str | Path | None = None, ledger: str | Path | None = None) -> Study:
    """Open a workspace, check all of it, and return its study.

    Parameters
    ----------
    directory : folder with ``organisation.toml``.
    data : folder in which the tables lie, if not beside ``organisation.toml``; ``BEVLOGEN_DATA`` does the same.
    ledger : file that remembers what was released, so that releases protect each other; ``releases.jsonl`` beside
        ``organisation.toml`` by default. It is made with the first release.

    Raises
    ------
    WorkspaceError
        With every fault at once; nothing is written.
    """
    workspace = sources.open_workspace(Path(directory), data=None if data is None else Path(data))
    return Study(workspace, Path(directory) / LEDGER if ledger is None else Path(ledger))


def audit(
    paths: Sequence[str | Path], *, k: int = thresholds.K, protection: float = thresholds.PROTECTION
) -> tuple[Inference, ...]:
    """Attack releases, ours or those of any other product: what can be inferred about people of which units?

    Parameters
    ----------
    paths : files of releases of one organisation, oldest first, or folders of them; see ``docs/anonymity.md``. A
        workspace, or the ledger in it, stands for all that was released of it, and comes before what else is named.
    k : the mean of fewer people than this is nobody's business.
    protection : share of the scale that must stay open about one person's answer.

    Returns
    -------
    Every inference, closest first; empty where nothing follows.

    Raises
    ------
    WorkspaceError
        With every fault of all files at once.
    LedgerError
        The ledger was altered, or a part of it is missing.
    """
    from bevlogen import disclose

    found = [(Path(path) / LEDGER if (Path(path) / LEDGER).exists() else Path(path)) for path in paths]
    ledgers, files = [p for p in found if p.name == LEDGER], [p for p in found if p.name != LEDGER]
    remembered = [release for ledger in ledgers for release in disclose.kept(ledger, to_read=True).released]
    given = sources.read_releases(files) if files else ()
    return disclose.audit((*remembered, *given), k=k, protection=protection)
