import { markup, type Content } from '../../../../text/markup.js';
import { CHART_STYLES, LIGHT } from './chart-styles.js';

/** A drawing in pixel coordinates. */
export interface Drawing {
  readonly height: number;
  readonly body: Content;
}

const kinds = ['base', 'variant', 'rival', 'best', 'median', 'worst', 'other'];
const margin = 12;

/** The colours of a rule without variables, which many programs that read SVG do not know. */
function plainRules(rule: string): readonly string[] {
  const [, selectors = '', declarations = ''] = /^([^{]*)\{([^}]*)\}$/.exec(rule) ?? [];
  const colour = (text: string): string => text.replace(/var\(--([a-z]+)\)/g, (_, name: string) => LIGHT[name] ?? '');
  if (!declarations.includes('var(--hue)')) return [`${selectors}{${colour(declarations)}}`];
  return kinds.map((kind) => {
    const selector = selectors.split(',').map((each) => `${each.trim()}.${kind}`);
    return `${selector.join(',')}{${colour(declarations.replaceAll('var(--hue)', `var(--${kind})`))}}`;
  });
}

const plainStyles = (CHART_STYLES.match(/[^{}]+\{[^}]*\}/g) ?? [])
  .map((rule) => rule.trim())
  .filter((rule) => !rule.includes('--hue:'))
  .flatMap(plainRules)
  .join('\n');

/** A chart as an SVG document of its own, on white, for papers and slides. */
export function standaloneChart({ height, body }: Drawing, width: number): string {
  const [whole, high] = [width + 2 * margin, height + 2 * margin];
  const sizes = markup`width="${whole}" height="${high}" viewBox="${-margin} ${-margin} ${whole} ${high}"`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" ${sizes}><style>${plainStyles}</style><rect x="${-margin}" y="${-margin}" width="${whole}" height="${high}" fill="#fff"/>${body}</svg>\n`
    .source;
}
