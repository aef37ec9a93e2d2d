"""Words that hold a sentence together and name no subject, Dutch and English: never a theme."""

from __future__ import annotations

_DUTCH = """
aan achter al alle alleen alles als altijd ander andere anders beter bij binnen boven daar daarom daarvoor dan dat
de deze die dingen dit doen doet door dus echt een eens eerder eerst elk elke en enige er erg even ga gaan gaat geen
geweest gewoon haar had hadden heb hebben hebt heeft heel hem hen het hier hij hoe hun ieder iedere iedereen iemand
iets ik in is jaar je jij jou jouw jullie kan kon konden kunnen kunt maakt maar mag maken meer meest men met mij
mijn minder misschien moest moet moeten mogen na naar naast nadat niemand niet niets nog nooit nou nu of om omdat
onder ons onze ook op over soms staan staat steeds te tegen terug terwijl toch toen tot tussen uit uw vaak van vanaf
vanuit veel vind vinden vindt voor vooral waar waarom wanneer want waren was wat we weer weinig wel welke werd
werden wie wij wil willen worden wordt zal ze zeer zelf zelfs zich zij zijn zo zoals zonder zou zouden zullen
"""
_ENGLISH = """
about after again all also always and any anything are because been before being better between both but can cannot
could did does doing done down each even ever every everyone few for from get gets getting give had has have having
her here hers him his how into its itself just less like made make makes many may might more most much must never
not nothing now off often once one only other others our ours out over own really same shall she should since some
something sometimes still such than that the their theirs them then there these they thing things this those through
too under until very want was way were what when where which while who whose why will with without would yes yet you
your yours
"""
FUNCTION_WORDS = frozenset(f"{_DUTCH} {_ENGLISH}".split())
