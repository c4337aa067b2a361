"""Floor 1: a Learning Record Store (xAPI 1.0.3 and 2.0.0), one institution at a time.

Not in here: the meaning of any verb (only `voided` is special), skills, models, pages for people, SQL or MongoDB. A
name or a mail address of a person is touched in `agents` alone; what is stored in the clear is the Label, all else is
sealed.
"""
