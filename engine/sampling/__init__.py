"""What does the data behind an output port look like, as far as whoever asks may see it?"""
