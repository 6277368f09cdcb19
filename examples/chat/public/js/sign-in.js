// Signing in at the auth-service: authorization code with PKCE (RFC 7636), as RFC 9700 wants it of pages.

const KEPT = 'chat.sign-in';

/** Sends the browser to the auth-service. It comes back to `finish`. */
export async function start(client, room) {
  const [verifier, state] = [random(), random()];
  sessionStorage.setItem(KEPT, JSON.stringify({ verifier, state, room }));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri(),
    scope: client.scope,
    resource: client.resource,
    state,
    code_challenge: await challenge(verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${client.authService}/api/auth/oauth2/authorize?${query}`);
}

/** Whether the browser has come back from the auth-service. */
export const isReturn = () => /[?&](code|error)=/.test(location.search);

/** The token request's answer and the room one was in; throws what is wrong in words. */
export async function finish(client) {
  const query = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}');
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, '', '/'); // a code is good once, and belongs into no history
  if (!kept.state || query.get('state') !== kept.state) throw new Error('The sign-in was not begun on this page. Please try again.');
  if (query.has('error')) throw new Error(`The auth-service refused the sign-in: ${query.get('error')}`);
  const grant = await requestToken(client, {
    grant_type: 'authorization_code',
    code: query.get('code'),
    redirect_uri: redirectUri(),
    code_verifier: kept.verifier,
  });
  return { grant, room: kept.room };
}

/** A refusal has a `code`; without one the auth-service could not be reached. */
export async function requestToken(client, form) {
  const body = new URLSearchParams({ ...form, client_id: client.clientId, resource: client.resource });
  let answer;
  try {
    answer = await fetch(`${client.authService}/api/auth/oauth2/token`, { method: 'POST', body });
  } catch {
    throw new Error('The sign-in service cannot be reached at the moment.');
  }
  const json = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const words = 'Your sign-in has expired or is not valid. Please sign in again.';
    throw Object.assign(new Error(answer.status < 500 ? words : 'The sign-in service does not work at the moment.'), {
      code: answer.status < 500 ? (json.error ?? String(answer.status)) : undefined,
    });
  }
  return json;
}

const redirectUri = () => `${location.origin}/`;
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const challenge = async (verifier) => base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
