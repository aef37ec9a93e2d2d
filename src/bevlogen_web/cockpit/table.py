"""The shown figures of units as a table, a row per unit and period, in the files that analysts use."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses.models import Picture
from bevlogen_web.cockpit import queries

Kind = Literal["csv", "parquet", "sav"]
TYPES: dict[Kind, str] = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "sav": "application/x-spss-sav",
}


def shown(picture: Picture, variables: Sequence[str], service: str = "") -> pa.Table:
    """Give the figures of units at the end of the tree that may be shown, rounded as everywhere.

    Columns: ``unit``, ``name``, ``service``, ``period``; per variable its figure, and for what people scored also
    ``_n``, the respondents, and ``_step``, what the mean was rounded to. What is hidden is missing.
    """
    nodes = queries.tree(picture)
    above = {node.parent for node in nodes.values()}
    keys = [n.key for n in nodes.values() if n.key not in above and (not service or n.service == service)]
    asked = set(variables)
    cells: dict[tuple[str, str], dict[str, float | None]] = {}
    scored = set()
    for key, sheet in analyses.unit_sheets(picture, keys).items():
        for score in sheet["scores"]:
            if score["construct"] in asked:
                name = score["construct"]
                scored.add(name)
                told = {name: score["mean"], f"{name}_n": score["n"], f"{name}_step": score.get("step")}
                cells.setdefault((key, score["period"]), {}).update(told)
        for result in sheet["results"]:
            if result["measure"] in asked:
                cells.setdefault((key, result["period"]), {})[result["measure"]] = result["value"]
    rank = {key: i for i, key in enumerate(nodes)}
    order = sorted(cells, key=lambda cell: (rank[cell[0]], cell[1]))
    names = [one for v in variables for one in ((v, f"{v}_n", f"{v}_step") if v in scored else (v,))]
    text = {
        "unit": [key for key, _ in order],
        "name": [nodes[key].name for key, _ in order],
        "service": [nodes[key].service or "" for key, _ in order],
        "period": [period for _, period in order],
    }
    figures = {name: pa.array([cells[cell].get(name) for cell in order], pa.float64()) for name in names}
    return pa.table({**{name: pa.array(values, pa.string()) for name, values in text.items()}, **figures})


def written(table: pa.Table, kind: Kind, labels: Mapping[str, str]) -> bytes:
    """Write a table as a file; ``labels`` name its columns where a file can hold that."""
    if kind == "sav":
        return _sav(table, labels)
    out = io.BytesIO()
    if kind == "csv":
        pyarrow.csv.write_csv(table, out)
    else:
        pyarrow.parquet.write_table(table, out)
    return out.getvalue()


def _sav(table: pa.Table, labels: Mapping[str, str]) -> bytes:
    import pyreadstat

    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        path = Path(folder) / "table.sav"
        pyreadstat.write_sav(table.to_pandas(), str(path), column_labels=dict(labels))
        return path.read_bytes()
