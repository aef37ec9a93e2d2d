"""A questionnaire for tests: two pages, one rule, Dutch and English."""

ENDS = {"nl": ["nee", "ja"], "en": ["no", "yes"]}
DEFINITION = {
    "title": {"nl": "Eigen vragen", "en": "Own questions"},
    "intro": {"nl": "", "en": ""},
    "pages": [
        {
            "title": {"nl": "Rooster", "en": "Roster"},
            "questions": [
                {
                    "key": "q1",
                    "kind": "scale",
                    "construct": "engagement",
                    "reverse": False,
                    "text": {"nl": "Het rooster past bij mij.", "en": "The roster suits me."},
                    "low": 1,
                    "high": 5,
                    "ends": ENDS,
                },
                {
                    "key": "q2",
                    "kind": "choice",
                    "text": {"nl": "Welke dienst?", "en": "Which shift?"},
                    "options": [
                        {"key": "o1", "text": {"nl": "Dag", "en": "Day"}},
                        {"key": "o2", "text": {"nl": "Nacht", "en": "Night"}},
                    ],
                },
            ],
        },
        {
            "title": {},
            "questions": [
                {
                    "key": "q3",
                    "kind": "open",
                    "text": {"nl": "Waarom?", "en": "Why?"},
                    "show_if": {"key": "q2", "op": "eq", "value": "o2"},
                }
            ],
        },
    ],
}
