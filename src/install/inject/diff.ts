/** What changed between two texts, as people review it: a unified diff. */

type Step = { readonly kind: ' ' | '-' | '+'; readonly line: string };

const CONTEXT = 3;

/** Empty if nothing changed. */
export function toUnifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = toSteps(toLines(before), toLines(after));
  return [`--- ${name}`, `+++ ${name} with corespan`, ...toHunks(steps)].map((line) => `${line}\n`).join('');
}

/** A last line without an end is another one than the same with it. */
function toLines(text: string): string[] {
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** Groups changes that are near each other, with the lines around them. */
function toHunks(steps: readonly Step[]): string[] {
  const lines: string[] = [];
  let at = 0;
  const counted = { before: 0, after: 0 };
  while (at < steps.length) {
    const change = steps.findIndex(({ kind }, index) => index >= at && kind !== ' ');
    if (change === -1) break;
    const from = Math.max(at, change - CONTEXT);
    count(steps.slice(at, from), counted);
    const to = toHunkEnd(steps, change);
    const hunk = steps.slice(from, to);
    const sizes = { before: 0, after: 0 };
    count(hunk, sizes);
    lines.push(
      `@@ -${counted.before + 1},${sizes.before} +${counted.after + 1},${sizes.after} @@`,
      ...hunk.map(({ kind, line }) => `${kind}${line}`),
    );
    count(hunk, counted);
    at = to;
  }
  return lines;
}

function toHunkEnd(steps: readonly Step[], change: number): number {
  let end = change;
  for (let at = change; at < steps.length && at <= end + 2 * CONTEXT; at++) {
    if (steps[at]?.kind !== ' ') end = at;
  }
  return Math.min(steps.length, end + CONTEXT + 1);
}

function count(steps: readonly Step[], sums: { before: number; after: number }): void {
  for (const { kind } of steps) {
    if (kind !== '+') sums.before += 1;
    if (kind !== '-') sums.after += 1;
  }
}

/**
 * The shortest way from one to the other (Myers 1986): `reached[k]` is how far the first text was read on diagonal
 * k after d changes. Texts that are almost equal, as ours, cost almost nothing.
 */
function toSteps(before: readonly string[], after: readonly string[]): Step[] {
  const trail: Map<number, number>[] = [];
  const reached = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= before.length + after.length; d++) {
    trail.push(new Map(reached));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reached.get(k - 1) ?? 0) < (reached.get(k + 1) ?? 0));
      let x = down ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1;
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1;
      reached.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack(trail, before, after);
    }
  }
  return [];
}

function walkBack(
  trail: readonly Map<number, number>[],
  before: readonly string[],
  after: readonly string[],
): Step[] {
  const steps: Step[] = [];
  let x = before.length;
  let y = after.length;
  for (let d = trail.length - 1; d >= 0; d--) {
    const reached = trail[d] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -d || (k !== d && (reached.get(k - 1) ?? 0) < (reached.get(k + 1) ?? 0));
    const from = down ? k + 1 : k - 1;
    const startX = reached.get(from) ?? 0;
    const startY = startX - from;
    for (; x > startX && y > startY && x > 0 && y > 0; x--, y--) {
      steps.push({ kind: ' ', line: before[x - 1] ?? '' });
    }
    if (d === 0) break;
    if (down) steps.push({ kind: '+', line: after[--y] ?? '' });
    else steps.push({ kind: '-', line: before[--x] ?? '' });
  }
  return steps.toReversed();
}
