/** Recognises single lines of a Go stack trace or crash, without their surroundings. */

/** Every expression is anchored and without nested repetition. */
const SHAPES: readonly RegExp[] = [
  /^goroutine \d+ (?:gp=|\[)/,
  // The place of a call, `<tab>…/server.go:291 +0x8c`.
  /^\t\S+\.(?:go|s):\d+/,
  /^created by \S/,
  /^(?:panic|fatal error|runtime error): /,
  /^\[signal SIG[A-Z]+: /,
];

export function isStackLine(line: string): boolean {
  return SHAPES.some((shape) => shape.test(line)) || isCall(line);
}

/** `panic({0x1c3f2a0?, …})`, `runtime/debug.Stack()`, `example.org/server.(*Server).ServeDNS(0xc0004b2a80, …)`. */
function isCall(line: string): boolean {
  const open = line.lastIndexOf('(');
  if (open < 0) return false;
  const callee = line.slice(0, open);
  const isNamed = callee === 'panic' || (callee.includes('.') && !callee.includes(' '));
  return isNamed && /^\((?:\.\.\.\)|\{?0x[0-9a-f]|\)$)/.test(line.slice(open));
}
