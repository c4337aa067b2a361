"""What each side computes under noise: contributions in, protected releases out; those in, the shared model out.

Pure; floor 3.
"""
