"""Every door: flows, HTTP, GraphQL, command line, worker, and the wiring that puts the parts together."""
