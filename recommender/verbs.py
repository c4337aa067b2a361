"""IRIs of verbs and extensions, floor 2. The only place where they are written.

Sources: ADL vocabulary (http://adlnet.gov/expapi/verbs/), TLA MOM profile (https://w3id.org/xapi/tla).
"""

from __future__ import annotations

SCORED = "http://adlnet.gov/expapi/verbs/scored"
ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
PASSED = "http://adlnet.gov/expapi/verbs/passed"
FAILED = "http://adlnet.gov/expapi/verbs/failed"
MASTERED = "http://adlnet.gov/expapi/verbs/mastered"

LAUNCHED = "http://adlnet.gov/expapi/verbs/launched"
RECOMMENDED = "https://w3id.org/xapi/tla/verbs/recommended"
CHOSE = "http://adlnet.gov/expapi/verbs/preferred"

# What a grade may come with. `passed` and `mastered` mean success and `failed` the contrary where the statement does
# not say it.
GRADED = frozenset({SCORED, ANSWERED, COMPLETED, PASSED, FAILED, MASTERED})
IMPLIED_SUCCESS = {PASSED: True, MASTERED: True, FAILED: False}

# Extensions of what the tool itself says about a recommendation (context.extensions).
EXTENSION_BASIS = "https://entrepot.example/xapi/extensions/basis"
EXTENSION_CHANCE = "https://entrepot.example/xapi/extensions/chance"
EXTENSION_GAIN = "https://entrepot.example/xapi/extensions/gain"
EXTENSION_RANK = "https://entrepot.example/xapi/extensions/rank"
EXTENSION_MODEL = "https://entrepot.example/xapi/extensions/model"

# Extensions of what the tool says about an answer in practice (context.extensions).
EXTENSION_CASE = "https://entrepot.example/xapi/extensions/case"
EXTENSION_SEED = "https://entrepot.example/xapi/extensions/case_seed"
EXTENSION_STEP = "https://entrepot.example/xapi/extensions/step"
EXTENSION_MISCONCEPTION = "https://entrepot.example/xapi/extensions/misconception"
EXTENSION_RULES = "https://entrepot.example/xapi/extensions/rule_ids"

# Types of activity (ADL vocabulary).
ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
SIMULATION = "http://adlnet.gov/expapi/activities/simulation"
