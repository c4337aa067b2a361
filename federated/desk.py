"""The files and steps by which a consortium is founded, joined, signed, run and left. Floor 3."""
