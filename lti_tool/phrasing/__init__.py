"""An institution's own language model may say in other words what practice has found; it decides nothing. Floor 3.

`facts` are what is known of a question and its cause; `prompt` asks for them in other words; `endpoint` carries that to
the model's address; `gate` drops what says more than the facts; `phrases` keeps what passed, and counts. What must not
be in this package: a learner (nothing here takes one, or a name, a pseudonym, an answer as it was typed), a grade, a
path.
"""
