"""Case kits: an enterprise's own figures as practice, and cases that an instructor makes without code. Floor 1.

A kit is a manifest and up to four CSV files. It is read whole or not at all (`intake`), loses what points at people and
deals (`hiding`), and is asked about (`cases`). A case of an instructor's own is a template with own figures (`own`).

Pure: no web, clock, chance of the machine or file. What must not be in here: where a kit is kept, and who may see it.
"""
