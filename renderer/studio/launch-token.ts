import { LAUNCH_PATH } from '../../contract/rpc';

const STORAGE_KEY = 'fantascope.token';

/** What of a browser the token reader touches; the window's own objects fit. */
export type TokenPlace = {
  location: { hash: string; pathname: string; search: string };
  history: { replaceState(data: unknown, unused: string, url: string): void };
  sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
};

/**
 * Takes the launch token out of the address (`#token=…`), hides it there, and keeps it for
 * reloads of this tab. Null when the page was opened without one.
 */
function takeLaunchToken(place: TokenPlace): string | null {
  const token = new URLSearchParams(place.location.hash.slice(1)).get('token');
  if (!token) return place.sessionStorage.getItem(STORAGE_KEY);
  place.sessionStorage.setItem(STORAGE_KEY, token);
  place.history.replaceState(null, '', place.location.pathname + place.location.search);
  return token;
}

/** Asks the server for something; the window's own `fetch` fits. */
export type Ask = (
  path: string,
  init: { method: string; headers: Record<string, string> },
) => Promise<Response>;

/**
 * The launch token, wherever this page has it from: the address, this tab's storage, or a
 * code in the address (`#launch=…`) that the server takes once. Null when there is none or
 * the code is used up.
 */
export async function findLaunchToken(place: TokenPlace, ask: Ask): Promise<string | null> {
  const code = new URLSearchParams(place.location.hash.slice(1)).get('launch');
  if (!code) return takeLaunchToken(place);
  place.history.replaceState(null, '', place.location.pathname + place.location.search);
  const init = { method: 'POST', headers: { 'x-launch-code': code } };
  // A server that is gone gives no token either; the page then says how to open the studio.
  const answer = await ask(LAUNCH_PATH, init).catch(() => null);
  if (!answer?.ok) return place.sessionStorage.getItem(STORAGE_KEY);
  const token = await answer.text();
  place.sessionStorage.setItem(STORAGE_KEY, token);
  return token;
}
