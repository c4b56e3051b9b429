"""One file per noun of the GraphQL schema: thin types over what the catalog's query objects give."""
