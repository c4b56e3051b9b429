// The GraphiQL page: asks the /graphql of its own server, and nothing else.
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import React from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/graphiql.css';
import './graphiql.css';

const WELCOME = `# Welcome to the mesh. Ctrl-Space completes.
# Ctrl-Enter runs. The book on the left is the schema.
query Search {
  search(query: "orders", first: 10) {
    total { value exact }
    edges {
      match
      node {
        name version domain owner
        ports(kinds: [OUTPUTPORT]) {
          edges { node { name platform } }
        }
      }
    }
  }
}
`;

const endpoint = new URL(document.body.dataset.endpoint ?? '/graphql', document.baseURI);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

// Subscriptions go over the WebSocket, with the headers of the editor (Authorization) as what it opens with.
const fetcher = createGraphiQLFetcher({ url: endpoint.href, subscriptionUrl: socket.href });

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={WELCOME} isHeadersEditorEnabled shouldPersistHeaders={false}>
    <GraphiQL.Logo><strong>meshgate</strong></GraphiQL.Logo>
  </GraphiQL>,
);
