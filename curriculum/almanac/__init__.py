"""What the world was like on a day, frozen: VAT and exchange rates, public holidays, names, customs codes. Floor 1.

Pure: files of `curriculum/data/world`, each read once when it is first asked for. `python -m tools.world` writes them
from the packages that know (decision 26), so that a case is the same on every machine and rests on something real.

What must not be in here: what is taught (that is the catalog's), and a date that nobody passed in.
"""
