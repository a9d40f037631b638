import { markup, type Markup } from '../../../../text/markup.js';
import { STYLES } from './styles.js';

/** The page may show itself and the pictures within it, and do nothing else: there is no script. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A whole HTML document of ours. */
export function documentOf(title: string, body: Markup): string {
  const head = markup`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>`;
  return `<!doctype html>
<html lang="en">
<head>
${head.source}
<style>${STYLES}</style>
</head>
<body>
${body.source}
</body>
</html>
`;
}
