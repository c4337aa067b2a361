import subprocess
import sys

# In a process of its own: what holds a run of tests is given back at any time, and would hide the child.
LOOK = """
import subprocess, sys, time
from entrepot import memory

with memory.peak(interval=0.05) as peak:
    time.sleep(0.2)
    alone = peak()
    with subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        time.sleep(0.3)
        child.kill()
    time.sleep(0.2)
    print(peak() - alone)
"""
HOLD = """
import time
data = bytearray(80 * 2**20)
data[::4096] = b"x" * len(data[::4096])
print("held", flush=True)
time.sleep(60)
"""


def test_the_peak_counts_what_a_child_held_after_it_is_gone():
    run = subprocess.run([sys.executable, "-c", LOOK, HOLD], capture_output=True, text=True, timeout=60, check=True)

    assert float(run.stdout) > 80
