"""What the library finds wrong, in the language of the page. Its own English sentences are the keys, as in gettext.

So the rules and their words stay in the library alone; a sentence that is not in the list is shown in English.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# The more particular stand first. What stands in a hole may be such a sentence itself.
SENTENCES = (
    # found
    _("a row without a unit"),
    _("a row without a date"),
    _("a row without a lever"),
    _("a row without a %(what)s"),
    _("a unit that occurs before"),
    _("unknown unit %(codes)s"),
    _("unknown units %(codes)s"),
    _("unknown measure %(codes)s"),
    _("unknown construct %(codes)s"),
    _("unknown lever %(codes)s"),
    _("unknown parent %(codes)s"),
    _("units that lie below themselves: %(codes)s"),
    _("%(names)s and %(n)s more"),
    _("a negative headcount"),
    _("no degree of co-creation"),
    _("there is no such column"),
    _("text where a number is expected"),
    _("a point in a number, while other numbers of this file have a comma"),
    _("a figure too large to reckon with"),
    _("a second figure for the same unit, period and %(what)s"),
    _("a scale without a low and a higher end"),
    _("a mean outside its scale"),
    _("a negative number of respondents"),
    _("a negative standard deviation"),
    _("a figure too small to divide by"),
    _("a negative exposure"),
    _("no date or period that can be read"),
    _("a date of which day and month can be exchanged"),
    _("a date that does not exist"),
    _("a %(period)s where the workspace counts in %(periods)s"),
    _('none of the items of the instrument "%(name)s"'),
    _("an answer outside the scale %(low)s to %(high)s"),
    _("a table without rows"),
    _("bytes that are no text"),
    _("a kind of file that is not read"),
    _("a column name that occurs twice"),
    _("an empty file"),
    _("a row with too many or too few cells"),
    _("there is no such file"),
    _("a header that cannot be read"),
    _("no Excel file that can be read"),
    _("no Parquet file"),
    _("a damaged file"),
    _("mostly text in number columns; reading stopped"),
    _("a table that lies in another folder"),
    _("this organisation has no units yet"),
    # mend
    _("Fill in the unit, or take the row out."),
    _("Fill in the date or period."),
    _("Fill it in."),
    _('Keep one row per unit, or set keep = "last".'),
    _("Add the unit in Bevlogen first, or mend the code."),
    _('Add to the table of units, mend the code, or set unknown_units = "skip".'),
    _("Add that unit to this table, or leave the parent empty."),
    _("Mend the parents of these units."),
    _("Give the number of people, 0 or more."),
    _("Write low, mid or high, or a number from 0 to 1."),
    _("Found: %(names)s."),
    _("Each row needs %(n)s; put text with a %(sign)s in it in quotation marks."),
    _("Give a number, such as 3.5; leave the cell empty if there is none."),
    _("Use one decimal sign in the whole file, and no sign for thousands."),
    _("Mend the figure, or give it in another unit of measure."),
    _("Keep one."),
    _("%(first)s Or name it in organisation.toml under [measures]."),
    _('Did you mean "%(name)s"?'),
    _("Choose one of: %(names)s."),
    _("Fill in scale_min and scale_max."),
    _("Mend the figure, or the ends of the scale."),
    _("Give the number who answered."),
    _("Give the standard deviation, 0 or more."),
    _("Give what the figure is counted over."),
    _("Write dates as 2024-03-31 and periods as 2024-03-31, 2024-03, 2024-Q1 or 2024."),
    _('Write 2024-03-31, or say which comes first in organisation.toml: dates = "day first".'),
    _("Write 2024-03-31."),
    _('Give dates or %(periods)s, or set period = "%(period)s" in organisation.toml.'),
    _("Give dates or %(periods)s."),
    _("Name the item columns as they are in the file."),
    _("Mend the answers, or the range of the instrument; leave the cell empty for no answer."),
    _("Add rows, or leave the table out."),
    _("Save the file again as CSV in UTF-8."),
    _("Use .csv, .parquet or .xlsx."),
    _("Give each column its own name."),
    _("Export the table again, with its header."),
    _("Export the table again."),
    _("Put it beside organisation.toml, or name its folder with --data or BEVLOGEN_DATA."),
    _("Put the column names on the first line."),
    _("Save it again as .xlsx, or as CSV."),
    _("Write it again as Parquet."),
    _("Look whether the right file and the right columns are named."),
    _("Put the table beside organisation.toml and give its name alone."),
    _("First add the units in Bevlogen, under Units."),
    _("Make one with: bevlogen new DIR."),
    # why a picture was not made
    _("The ledger of releases %(found)s. Nothing was released. %(mend)s"),
    _("is broken at entry %(n)s"),
    _("has an entry from after now"),
    _("has %(n)s entries that do not fit its seal"),
    _("misses %(file)s"),
    _("can be read by others than its owner"),
    _("was begun for made-up people"),
    _("misses its key"),
    _("has another key than its entries"),
    _("has a key that cannot be read, %(file)s"),
    _("was made with %(name)s = %(before)s and the policy now says %(now)s"),
    _("Put the ledger back from a backup."),
    _("Put both back from a backup."),
    _("Close it to them: chmod 600 %(file)s"),
    _("Give real people a ledger of their own."),
    _("Put the .key file back from its copy. If it is lost for good, make an empty one: a new key is drawn."),
    _("Set the clock of this machine right."),
    _("Set %(name)s to %(before)s or more; people answered under that promise."),
    # words in holes
    _("measure"),
    _("construct"),
    _("day"),
    _("days"),
    _("month"),
    _("months"),
    _("quarter"),
    _("quarters"),
    _("year"),
    _("years"),
)
_HOLE = re.compile(r"%\((\w+)\)s")


def said(text: str, sentences: tuple[str, ...] = SENTENCES) -> str | None:
    """Give a sentence of the library in the language of the page; None when it is not in the list."""
    for sentence, pattern in _patterns(sentences):
        if found := pattern.fullmatch(text):
            holes = found.groupdict().items()
            return gettext(sentence) % {hole: said(given, sentences) or given for hole, given in holes}
    return None


@cache
def _patterns(sentences: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((sentence, _pattern(sentence)) for sentence in sentences)


def _pattern(sentence: str) -> re.Pattern[str]:
    parts = _HOLE.split(sentence)  # text, name of a hole, text, …
    return re.compile("".join(re.escape(p) if i % 2 == 0 else f"(?P<{p}>.+?)" for i, p in enumerate(parts)))
