"""The least that protects people: an organisation may raise each of these, and lower none."""

K = 5  # respondents for a score
K_COMMENTS = 10  # writers for comments
K_DISTRIBUTIONS = 10  # respondents for a spread or distribution
K_HEALTH = 10  # people for a figure on health
PROTECTION = 0.25  # share of a scale that stays open about one person's answer
