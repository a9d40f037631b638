import { escapeXml } from '../xml.js';

/** The page may show itself and the images it contains, and nothing else: there is no script. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/**
 * Returns a whole HTML page that needs no other file and may load none.
 * @param title as text
 * @param style a style sheet of ours
 * @param body HTML of ours, in which every text from elsewhere is escaped
 */
export function htmlDocument(title: string, style: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeXml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}
