"""How fast one credential may send while others send as well. Floor 1.

A token bucket for each credential, kept as the one time at which it will be full again (the generic cell rate
algorithm). It only holds back while another credential was served within the last seconds: a credential that is alone
harms nobody, and a nightly import may use the whole machine. Each worker process counts for itself.
"""

import math
from dataclasses import dataclass, field

BURST = 2.0  # seconds' worth of requests that may come at once
SHARED = 10_000_000  # microseconds for which another credential counts as being there
MOST = 10_000  # credentials remembered


@dataclass(slots=True)
class Limiter:
    """The pace of every credential in this process.

    Attributes:
        rate: Requests a second for each credential; 0 for no limit.
    """

    rate: float
    _full: dict[str, float] = field(default_factory=dict)
    _latest: str = ""
    _shared_until: float = 0.0

    def wait(self, key: str, now: int) -> int:
        """Count a request.

        Args:
            key: The credential's.
            now: Microseconds.

        Returns:
            0 if it may pass, else the whole seconds after which it is worth trying again.
        """
        if not self.rate:
            return 0
        if key != self._latest:
            if self._latest:
                self._shared_until = now + SHARED
            self._latest = key
        step = 1_000_000 / self.rate
        depth = max(BURST * 1_000_000, step)
        full = self._full.get(key, 0.0)
        if not now <= full <= now + depth:  # full by now; or the clock was set back
            full = now
        late = full + step - now - depth
        if late > 0:
            if now < self._shared_until <= now + SHARED:
                return math.ceil(late / 1_000_000)
            full = now + depth - step
        if len(self._full) >= MOST and key not in self._full:
            self._full = {each: time for each, time in self._full.items() if time > now}
        self._full[key] = full + step
        return 0
