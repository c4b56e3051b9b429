"""One use case per file: each flow walks the road from left to right and knows no framework."""
