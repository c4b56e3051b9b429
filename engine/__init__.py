"""Facts go in, a decision comes out: the rooms that judge a descriptor and provision what was cleared."""
