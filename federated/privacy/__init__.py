"""What protects a learner: clipping, noise, its price, and the tests that would notice a mistake. Pure; floor 3."""
