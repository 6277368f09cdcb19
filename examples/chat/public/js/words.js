// What the server's answers mean, for people.

const REFUSALS = {
  ERR_AUTH_TOKEN_REQUIRED: 'Please sign in first.',
  ERR_AUTH_TOKEN_INVALID: 'Your sign-in has expired or is not valid. Please sign in again.',
  ERR_AUTH_UNAVAILABLE: 'The sign-in service cannot be reached at the moment.',
  ERR_ACCOUNT_DISABLED: 'Your account has been disabled. Contact an administrator.',
  ERR_USER_PROVISION_FAILED: 'Your account could not be looked up. Please try again later.',
  ERR_FORBIDDEN: 'Only administrators may see this.',
};

const ANSWERS = {
  'Username is required': 'Please tell us a name.',
  'Username already taken': 'Somebody here has this name already. Please take another one.',
  'Message cannot be empty': 'There is nothing to send.',
};

/** Why a connection was refused. */
export const refusal = (code) => REFUSALS[code] ?? `The server refused the connection: ${code}`;

/** Why the server did not do what it was asked for. */
export const problem = (message) => ANSWERS[message] ?? message;
