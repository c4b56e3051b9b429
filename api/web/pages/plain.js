// The plain query page: sends one query to /graphql of its own server and shows the answer as it came.
const at = (id) => document.getElementById(id);

function request() {
  const variables = at('variables').value.trim();
  return { query: at('query').value, variables: variables ? JSON.parse(variables) : {} };
}

async function ask() {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json, application/json' };
  const token = at('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const began = performance.now();
  const answer = await fetch(document.body.dataset.endpoint, { method: 'POST', headers, body: JSON.stringify(request()) });
  const text = await answer.text();
  at('took').textContent = `HTTP ${answer.status}, ${Math.round(performance.now() - began)} ms`;
  return JSON.stringify(JSON.parse(text), null, 2);
}

async function run(event) {
  event.preventDefault();
  at('took').textContent = '';
  at('answer').textContent = 'Asking …';
  try {
    at('answer').textContent = await ask();
  } catch (reason) {
    at('answer').textContent = `Not answered: ${reason.message}`;
  }
}

at('ask').addEventListener('submit', run);
at('ask').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run(event);
});
