"""How fast is meshgate beside the bare parts it stands on? `make bench` prints ratios measured in one run."""
