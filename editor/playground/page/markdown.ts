import DOMPurify from 'dompurify';
import { marked } from 'marked';

/** Removes everything from HTML that is not text, a table, a list or a link to one of our pages. */
export function sanitize(html: string): string {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: [
      ...['p', 'h1', 'h2', 'h3', 'h4', 'ul', 'ol', 'li', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'pre', 'code'],
      ...['em', 'strong', 'a', 'br', 'hr', 'span', 'blockquote'],
    ],
    ALLOWED_ATTR: ['align', 'class', 'href'],
    ALLOWED_URI_REGEXP: /^https:\/\//,
    ADD_URI_SAFE_ATTR: ['align', 'class'],
  });
}

/** Markdown of the compiler as HTML. Spaces at the start of a cell show the depth of a module, and marked trims them. */
export function markdownToHtml(text: string): string {
  const indented = text.replace(/^\| (\u2003+)/gm, (_, spaces: string) => `| ${'&emsp;'.repeat(spaces.length)}`);
  return sanitize(marked.parse(indented, { async: false }));
}
