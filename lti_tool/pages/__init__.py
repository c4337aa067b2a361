"""The pages: blueprints of five-line views, and what they show. Floor 3.

What must not be here: a rule of a launch (`launch`, `id_token`), a word that is not in `locales`, a style attribute,
a script.
"""
