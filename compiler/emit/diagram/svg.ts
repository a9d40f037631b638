/** Elements of SVG as text; every text and attribute goes through here and is escaped. */
import { escapeXml } from '../../../text/xml.js';

export type AttributeValues = Readonly<Record<string, string | number | undefined>>;

/** `<name a="b">children</name>`; children are elements already. Numbers are rounded to a hundredth. */
export function element(name: string, attributes: AttributeValues, children: readonly string[] = []): string {
  const texts = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(typeof value === 'number' ? number(value) : value)}"`],
  );
  const open = `<${name}${texts.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

/** A `text` element; `content` is escaped. */
export function text(content: string, attributes: AttributeValues): string {
  return element('text', attributes, [escapeXml(content)]);
}

/** A tooltip. */
export function tooltip(content: string): string {
  return `<title>${escapeXml(content)}</title>`;
}

/** A number with at most two digits behind the point. */
export function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
