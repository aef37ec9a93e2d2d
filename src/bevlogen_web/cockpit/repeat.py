"""A question of the explorer as code: Python with the workspace, and Python or R with the table of shown figures."""

from __future__ import annotations

import json

from bevlogen_web.analyses.explore import Question

FILE = "bevlogen-table.csv"


def python(question: Question) -> str:
    """Write what gives the same answer from the workspace."""
    more = [f"hold={list(question.hold)!r}"] if question.hold else []
    more += [f"design={question.way!r}"] if question.way else []
    more += [f"lag={question.lag}"] if question.lag > 1 else []
    more += [f"service={question.service!r}"] if question.service else []
    arguments = ", ".join([repr(question.cause), repr(question.outcome), *more])
    return f"""import bevlogen as bv

study = bv.open("workspace/")  # the folder with organisation.toml
link = study.explore({arguments}).picture[0]
print(link.verdict, link.headline)
"""


def python_table(question: Question) -> str:
    """Write what repeats it on the table of shown figures, without correction for chance in unit means."""
    columns = [question.cause, question.outcome, *question.hold]
    call = (
        f"slope = bv.models.panel.lagged(pair, lag={question.lag})"
        if question.way == "lagged"
        else "between, within = bv.models.panel.between_within(pair)"
    )
    shown = "slope" if question.way == "lagged" else "within" if question.way == "within" else "between"
    return f"""import bevlogen as bv
import numpy as np
import pyarrow.csv

rows = pyarrow.csv.read_csv("{FILE}").to_pydict()
units, unit = np.unique(rows["unit"], return_inverse=True)
periods, period = np.unique(rows["period"], return_inverse=True)


def block(column):
    values = np.full((len(units), len(periods)), np.nan)
    values[unit, period] = [np.nan if v is None else v for v in rows[column]]
    return values


cause, outcome, *hold = [block(column) for column in {json.dumps(columns)}]
group = np.zeros(len(units), dtype=int)
group[unit] = np.unique([service or "" for service in rows["service"]], return_inverse=True)[1]
exact = np.zeros(cause.shape)
held = np.stack(hold, axis=2) if hold else np.empty((*cause.shape, 0))
pair = bv.models.panel.Pair(cause, outcome, exact, exact, exact, group, held)
{call}
print({shown}.raw, {shown}.raw_se)
"""


def r(question: Question, *, services: bool) -> str:
    """Write the same in R: the mixed model with lme4, or the lagged regression with robust errors per unit."""
    return _lagged(question, services=services) if question.way == "lagged" else _mixed(question, services=services)


def _mixed(question: Question, *, services: bool) -> str:
    columns = ", ".join(json.dumps(one) for one in (question.cause, question.outcome, *question.hold))
    held = [f"mean.{one} + I({one} - mean.{one})" for one in question.hold]
    means = "".join(f"d$mean.{one} <- ave(d${one}, d$unit)\n" for one in (question.cause, *question.hold))
    terms = " + ".join(["between", "within", *held, "period", *(["service"] if services else []), "(1 | unit)"])
    return f"""library(lme4)

d <- read.csv("{FILE}", stringsAsFactors = TRUE)
d <- d[complete.cases(d[, c({columns})]), ]
{means}d$between <- d$mean.{question.cause}
d$within <- d${question.cause} - d$between
d$period <- factor(d$period)
model <- lmer({question.outcome} ~ {terms}, data = d)
fixef(model)[c("between", "within")]
"""


def _lagged(question: Question, *, services: bool) -> str:
    held = "".join(f' + before("{one}")' for one in question.hold)
    group = " + service" if services else ""
    return f"""d <- read.csv("{FILE}", stringsAsFactors = TRUE)
periods <- sort(unique(as.character(d$period)))
d$at <- match(d$period, periods)
before <- function(name) d[[name]][match(paste(d$unit, d$at - {question.lag}), paste(d$unit, d$at))]
model <- lm({question.outcome} ~ before("{question.outcome}") + before("{question.cause}"){held}
            + factor(at){group}, data = d)
coef(model)[3]
"""
