"""The front door: the `entrepot` command, a consortium on one machine (`entrepot demo`), and a sandbox LMS.

What must not be in this room: the logic of any other room. It starts them, connects them and reports.
"""
