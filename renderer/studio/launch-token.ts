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
export function takeLaunchToken(place: TokenPlace): string | null {
  const token = new URLSearchParams(place.location.hash.slice(1)).get('token');
  if (!token) return place.sessionStorage.getItem(STORAGE_KEY);
  place.sessionStorage.setItem(STORAGE_KEY, token);
  place.history.replaceState(null, '', place.location.pathname + place.location.search);
  return token;
}
