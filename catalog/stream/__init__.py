"""How does a whole catalog leave as one stream of lines, and come into another one?

The stream is NDJSON in the order of the catalog's revisions. A line of the type `catalog` begins it. For each revision
follow what it recorded (`decision`, `version`, `release`, `sample`, `change`, and `rescan`, `standing`,
`standing-ended`, which the chain does not cover) and then its `link`, whose hash covers the lines before it. A line of
the type `end` says how many lines there were, what they digest to, and which head they lead to, so that a cut stream
is known as one.

What follows from these lines does not travel: statuses, waivers, suspensions and releases in force are in the changes,
ports, columns, readings, listings and everything that is searched in the content of the versions.
"""

SCHEMA = "meshgate/catalog/1"
MEDIA_TYPE = "application/x-ndjson"
