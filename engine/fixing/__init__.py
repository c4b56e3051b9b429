"""How is a fix that a policy or rule offers written into the author's own files? Pure: text goes in, text comes out."""
