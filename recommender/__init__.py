"""From what learners did to what each should do next, and why.

Floor 2. Pure thought: arrays in, arrays out. `artifact` alone touches files, in a directory that it is given.

What must not be in this room: a web framework, a database, the network, the clock, randomness without a seed
argument, an environment variable, a name or mail of a person, and pickle. Of the collector it knows one type,
`label.Label`.
"""
