import subprocess
import sys
import time

from entrepot import memory

HOLD = """
import time
data = bytearray(80 * 2**20)
data[::4096] = b"x" * len(data[::4096])
print("held", flush=True)
time.sleep(60)
"""


def test_the_peak_counts_what_a_child_held_after_it_is_gone():
    with memory.peak(interval=0.05) as peak:
        time.sleep(0.2)
        alone = peak()
        with subprocess.Popen([sys.executable, "-c", HOLD], stdout=subprocess.PIPE) as child:
            child.stdout.readline()
            time.sleep(0.3)
            child.kill()
        time.sleep(0.2)

        assert peak() > alone + 80
