"""The processes of a federation that runs, told apart: forks have the command line of who started them."""

from federated import processes


def supernode(home, name):
    """The SuperNode of a member of the federation in `home`: the first process that its executor started."""
    return _first(home, "federated.executor", f"/{name}")


def superlink(home):
    """The SuperLink of the federation in `home`: the first process that its executor started."""
    return _first(home, "federated.superlink", "/superlink")


def _first(home, program, mark):
    found = [
        one
        for one in processes.tree([], home)
        if program in " ".join(one.cmdline()) and one.environ()[processes.MARK].endswith(mark)
    ]
    own = {one.pid for one in found}
    (executor,) = [one for one in found if one.ppid() not in own]
    return min((one for one in found if one.ppid() == executor.pid), key=lambda one: one.create_time())
