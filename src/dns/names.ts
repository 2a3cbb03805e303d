/**
 * Domain names as CoreDNS logs them: lower case, a trailing dot, and `\` before what would confuse a reader.
 *
 * Escapes (miekg/dns `sprintName`): `\.` and friends for `. space ' @ ; ( ) " \`, `\DDD` for every byte
 * outside 0x20..0x7e. Only an unescaped dot ends a label.
 */

/** Takes the trailing dot off; the root stays ".". */
export function withoutTrailingDot(name: string): string {
  return name.length > 1 && name.endsWith('.') && !endsInEscapedDot(name) ? name.slice(0, -1) : name;
}

/** Puts the trailing dot on, for names that people type: "cluster.local" becomes "cluster.local.". */
export function withTrailingDot(name: string): string {
  return name.endsWith('.') && !endsInEscapedDot(name) ? name : `${name}.`;
}

/** The labels from left to right, escapes kept; the root has none. */
export function toLabels(name: string): string[] {
  const bare = withoutTrailingDot(name);
  if (bare === '.' || bare === '') return [];
  return bare.includes('\\') ? splitEscaped(bare) : bare.split('.');
}

/**
 * FNV-1a over UTF-16 units, 31 bits. Whoever picks names that share them gains comparisons of texts, and counts as one name
 * among the distinct ones.
 */
export function hashOfName(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash & 0x7fff_ffff;
}

/** Everything before the first unescaped dot. */
export function firstLabel(name: string): string {
  const dot = name.indexOf('.');
  if (dot < 0) return name;
  if (dot > 0 && name.charCodeAt(dot - 1) !== 92) return name.slice(0, dot);
  return toLabels(name)[0] ?? '';
}

/** True if `name` is `zone` or lies below it; both with a trailing dot. */
export function isInZone(name: string, zone: string): boolean {
  if (!name.endsWith(zone)) return false;
  if (name.length === zone.length || zone === '.') return true;
  const before = name.length - zone.length - 1;
  return name.charCodeAt(before) === 46 && !isEscapedAt(name, before);
}

function endsInEscapedDot(name: string): boolean {
  return isEscapedAt(name, name.length - 1);
}

/** An odd number of backslashes before a character escapes it. */
export function isEscapedAt(name: string, at: number): boolean {
  let slashes = 0;
  while (at - 1 - slashes >= 0 && name.charCodeAt(at - 1 - slashes) === 92) slashes++;
  return slashes % 2 === 1;
}

function splitEscaped(name: string): string[] {
  const labels: string[] = [];
  let label = '';
  for (let i = 0; i < name.length; i++) {
    const char = name.charAt(i);
    if (char === '\\') {
      label += char + name.charAt(i + 1);
      i++;
    } else if (char === '.') {
      labels.push(label);
      label = '';
    } else {
      label += char;
    }
  }
  labels.push(label);
  return labels;
}
