"""The Flower bundle: what Flower copies to every institution. It holds two adapters and nothing else."""
