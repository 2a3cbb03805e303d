/** SVG as text. Names of others stand in it: everything that is not ours is escaped. */

type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${toSafe(toText(value))}"`);
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

export function label(text: string, attributes: Attributes): string {
  return element('text', attributes, toSafe(text));
}

/** A white sheet with a title; `body` is drawn below it. */
export function sheet(
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  ...body: readonly string[]
): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 13,
    fill: '#24292f',
  };
  const paper = element('rect', { width, height, rx: 8, fill: '#ffffff', stroke: '#d0d7de' });
  const head = label(title, { x: 20, y: 30, 'font-size': 16, 'font-weight': 600 });
  return `${element('svg', attributes, paper, head, ...body)}\n`;
}

function toSafe(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function toText(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}
