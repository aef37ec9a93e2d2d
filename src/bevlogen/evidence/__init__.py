"""The published figures, as data.

``effects.csv`` holds every row that was found, ``verified`` as it was: yes = the figure was read on a public page.
Columns ``cause_key`` and ``outcome_key`` name our constructs where they apply. ``use`` says what a row may be used
for: ``number`` (may carry a prior mean), ``sign`` (direction only, never a number), ``contrast`` (outer quarters or a
median split compared), ``vendor duplicate`` (the same growing database as E001 to E006), ``low confidence`` (from
memory, to be checked), ``other unit`` (percent, money, index points). Only ``number`` may stand behind a prior.

``priors.csv`` holds a prior per link on the latent (true-score) scale, for a *new organisation's* true effect: mean
and spread ``tau`` of correlations between units (``cross_``) and of effects on later change at constant baseline,
about a year on (``causal_``). The causal means are set sceptically at a fifth to a quarter of the correlation, as
Riketta (E086) found. An empty pair means that nothing usable is known. Two choices: employership and engagement rest
on the job resources of Christian et al. (mean .32) and not on a row of low confidence (E116, .36), so their causal
mean is .08; and the sign rows on mistreatment (E171 to E175) carry no prior.

``norms.csv`` holds reference levels; no questionnaire wording.
"""
