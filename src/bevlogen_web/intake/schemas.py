"""What the API takes and gives; these classes are its published contract."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

MOST_ROWS = 10_000
_TEXT = r"^[^\x00-\x1f\x7f]*$"  # what no database or file can hold does not come in

Code = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_TEXT)]
Note = Annotated[str, StringConstraints(max_length=120, pattern=_TEXT)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Strict(Schema):
    """A field that is not known is a fault, so that a typing error never passes in silence."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class ResultRow(Strict):
    """A figure of record of a unit in a period."""

    unit: Code = Field(description="Key of the unit.", examples=["tram-01"])
    period: Code = Field(description="Period, or a date in it.", examples=["2025-Q4"])
    measure: Code = Field(description="What it is a figure of.", examples=["absence"])
    value: Number = Field(description="The figure.", examples=[31])
    exposure: Number | None = Field(
        None, ge=0, description="What it is counted over, such as contract days.", examples=[1188]
    )


class ResultBatch(Strict):
    """Figures of record; one that was known is replaced."""

    rows: list[ResultRow] = Field(min_length=1, max_length=MOST_ROWS)


class InteractionRow(Strict):
    """One rated contact with a customer."""

    unit: Code = Field(description="Key of the unit.", examples=["tram-01"])
    date: date
    ratings: dict[Code, Number] = Field(
        min_length=1, max_length=30, description="A rating per construct.", examples=[{"conduct": 4, "loyalty": 5}]
    )
    id: Note = Field("", description="Your own id of the contact: sent again, it is replaced.")
    employee: Note = Field("", description="Your code of the employee; kept as a pseudonym.")
    customer: Note = Field("", description="Your code of the customer; kept as a pseudonym.")
    service: Note = Field("", max_length=80, description="Key of the service.")


class InteractionBatch(Strict):
    """Rated contacts, all on one scale."""

    scale: tuple[Number, Number] = Field((1, 5), description="Lowest and highest rating.")
    rows: list[InteractionRow] = Field(min_length=1, max_length=MOST_ROWS)


class UnitRow(Strict):
    """A team, branch or location."""

    unit: Code = Field(description="Key of the unit.", examples=["tram-01"])
    name: Note = Field("", examples=["Lijn 1"])
    parent: Note = Field("", description="Key of the unit above it; empty for the top.")
    service: Note = Field("", description="Key of the service.")
    co_creation: Note = Field("", description="Part of the customer: low, mid, high, or a number from 0 to 1.")
    headcount: int | None = Field(None, ge=0, le=1_000_000, description="How many people work there.")


class UnitBatch(Strict):
    """All units of the organisation, or those that are new or changed."""

    complete: bool = Field(False, description="Whether these are all units: then those that are not here end today.")
    rows: list[UnitRow] = Field(min_length=1, max_length=MOST_ROWS)


class AskRow(Strict):
    """A customer to ask about a contact. The address is used for this mail and then forgotten."""

    unit: Code = Field(description="Key of the unit.", examples=["tram-01"])
    email: Code = Field(max_length=254, description="Address of the customer.", examples=["customer@example.org"])
    service: Note = Field("", description="Key of the service; that of the unit when left out.")
    language: Literal["", "nl", "en"] = Field("", description="Language of the mail.")
    code: Note = Field("", description="Your own id of the contact: the same one is never asked about twice.")


class AskBatch(Strict):
    """Customers to ask."""

    rows: list[AskRow] = Field(min_length=1, max_length=MOST_ROWS)


class Asked(Schema):
    """What became of the customers."""

    sent: int = Field(description="Mails that will be sent.")
    stopped: int = Field(description="Customers who want no mail.")
    resting: int = Field(description="Customers who were asked lately.")
    known: int = Field(description="Contacts that were asked about before.")


class Stored(Schema):
    """A batch that is stored as a whole."""

    delivery: int = Field(description="Number of the delivery.")
    table: str
    rows: int = Field(description="How many rows it holds.")


class Told(Schema):
    """One fault: where, what was found, what to do."""

    row: int | None = Field(description="The first row with this fault; rows of a batch count from 1.")
    field: str | None
    found: str
    mend: str
    count: int = Field(description="How many rows have this fault.")


class Refused(Schema):
    """Why nothing was stored."""

    message: str
    faults: list[Told] = Field(default_factory=list)
