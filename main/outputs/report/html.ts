/** Text that is already HTML. */
export type Html = { readonly html: string };

type Part = Html | string | number | null | readonly Html[];

/** Builds HTML from a template; every value that is not `Html` is escaped, null is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  parts.forEach((part, index) => {
    text += render(part) + (strings[index + 1] ?? '');
  });
  return { html: text };
}

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  if (isHtml(part)) return part.html;
  return part.map((item) => item.html).join('');
}

function isHtml(part: Html | readonly Html[]): part is Html {
  return !Array.isArray(part);
}

function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
