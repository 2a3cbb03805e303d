/**
 * Reads a Corefile into its server blocks, snippets inserted: what a block does, not how it was written.
 *
 * The grammar is that of coredns/caddy (caddyfile/parse.go). The order of directives means nothing to CoreDNS.
 */
import { type Token, toTokens } from './tokens.ts';

export interface Corefile {
  readonly blocks: readonly Block[];
  /** Files that are imported outside of blocks and that were not given: nobody knows their blocks. */
  readonly unread: readonly Unread[];
  /** What CoreDNS would refuse, or serve nothing for, with the line. */
  readonly problems: readonly CorefileProblem[];
}

export interface Unread {
  readonly line: number;
  readonly pattern: string;
}

export interface CorefileProblem {
  readonly line: number;
  readonly message: string;
}

export interface Block {
  /** `.:53`, `cluster.local:53`, as written. */
  readonly keys: readonly string[];
  readonly line: number;
  readonly directives: readonly Directive[];
  /** Files that the block imports and that were not given: nobody knows what they add. */
  readonly unread: readonly string[];
}

export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly line: number;
  readonly nested: readonly Directive[];
}

/** The texts that an `import` of files brings; undefined if they are not known. */
export type FindFiles = (pattern: string) => readonly string[] | undefined;

export function parseCorefile(text: string, findFiles: FindFiles = () => undefined): Corefile {
  const corefile = parseBlocks(text, findFiles, []);
  const { blocks, unread, problems } = corefile;
  if (blocks.length + unread.length + problems.length > 0) return corefile;
  return { ...corefile, problems: [{ line: 1, message: 'there is no server block' }] };
}

/** `within` are the imports that led here: one that imports itself would never end. */
function parseBlocks(text: string, findFiles: FindFiles, within: readonly string[]): Corefile {
  const reader = createReader(text);
  const snippets = new Map<string, readonly Directive[]>();
  const raw: RawBlock[] = [];
  const topImports: { readonly args: readonly string[]; readonly line: number }[] = [];
  while (!reader.isDone()) {
    const keys = reader.keys();
    if (keys[0]?.text === 'import') {
      topImports.push({ args: keys.slice(1).map(({ text: word }) => word), line: keys[0].line });
      continue;
    }
    const directives = reader.block(raw.length === 0);
    const [first] = keys;
    // CoreDNS goes on behind a block without zones, which serves nothing.
    if (first === undefined) continue;
    const snippet = /^\((.+)\)$/.exec(first.text)?.[1];
    if (snippet === undefined) raw.push({ keys, directives, snippets: new Map(snippets) });
    else snippets.set(snippet, directives);
  }
  const problems = [...reader.problems];
  const blocks = raw.map((block) => toBlock(block, { laterToo: snippets, findFiles, problems }));
  const unread: Unread[] = [];
  for (const { args, line } of topImports) {
    const [pattern = ''] = args;
    const isCircle = within.includes(pattern);
    if (isCircle) problems.push({ line, message: `${pattern} imports itself` });
    const files = isCircle ? [] : findFiles(pattern);
    if (files === undefined) unread.push({ line, pattern });
    for (const file of files ?? []) {
      const inner = parseBlocks(file, findFiles, [...within, pattern]);
      blocks.push(...inner.blocks);
      unread.push(...inner.unread.map((one) => ({ ...one, line })));
      problems.push(...inner.problems.map(({ message }) => ({ line, message: `${pattern}: ${message}` })));
    }
  }
  return { blocks, unread, problems };
}

type Snippets = ReadonlyMap<string, readonly Directive[]>;

interface RawBlock {
  readonly keys: readonly Token[];
  readonly directives: readonly Directive[];
  /** Those defined before it: CoreDNS takes the name of a later one for that of a file. */
  readonly snippets: Snippets;
}

interface Sources {
  readonly laterToo: Snippets;
  readonly findFiles: FindFiles;
  readonly problems: CorefileProblem[];
}

function toBlock({ keys, directives, snippets }: RawBlock, sources: Sources): Block {
  const unread: string[] = [];
  const expanded = expand(directives, { ...sources, snippets, unread }, []);
  return {
    keys: keys.map(({ text }) => text.replace(/,$/, '')),
    line: keys[0]?.line ?? 1,
    directives: expanded,
    unread,
  };
}

function expand(
  directives: readonly Directive[],
  sources: Sources & { readonly snippets: Snippets; readonly unread: string[] },
  within: readonly string[],
): Directive[] {
  return directives.flatMap((directive) => {
    const [what = ''] = directive.args;
    if (directive.name !== 'import' || within.includes(what)) return [directive];
    const snippet = sources.snippets.get(what);
    const inside = [...within, what];
    if (snippet !== undefined) return expand(snippet, sources, inside);
    if (sources.laterToo.has(what)) {
      const message = `the snippet ${what} is imported before it is defined`;
      sources.problems.push({ line: directive.line, message });
      return [];
    }
    const files = sources.findFiles(what);
    if (files === undefined) sources.unread.push(what);
    return (files ?? []).flatMap((file) =>
      // Such a file holds directives without a block around them.
      expand(createReader(file).directives(), sources, inside),
    );
  });
}

interface Reader {
  readonly problems: readonly CorefileProblem[];
  isDone(): boolean;
  keys(): Token[];
  block(isFirst: boolean): Directive[];
  directives(): Directive[];
}

function createReader(text: string): Reader {
  const tokens = toTokens(text);
  const problems: CorefileProblem[] = [];
  let at = 0;

  /** A key that ends in a comma goes on, in the next line too. */
  function keys(): Token[] {
    const found: Token[] = [];
    for (let token = tokens[at]; token !== undefined && token.text !== '{'; token = tokens[at]) {
      const before = found.at(-1);
      const isSameLine = before === undefined || token.line === before.line || before.text.endsWith(',');
      if (!isSameLine) break;
      found.push(token);
      at += 1;
    }
    return found;
  }

  function block(isFirst: boolean): Directive[] {
    const open = tokens[at];
    if (open?.text === '{') {
      at += 1;
      return nested(open.line);
    }
    // One block may do without braces if it is the only one.
    if (isFirst) return directives();
    const line = open?.line ?? tokens.at(-1)?.line ?? 1;
    problems.push({ line, message: `unexpected ${quote(open?.text)}, wants { after the zones of a block` });
    at = tokens.length;
    return [];
  }

  function nested(openedAt: number): Directive[] {
    const found: Directive[] = [];
    for (let token = tokens[at]; token !== undefined; token = tokens[at]) {
      if (token.text === '}') {
        at += 1;
        return found;
      }
      found.push(directive(token));
    }
    problems.push({ line: openedAt, message: 'the block that opens here is not closed: } is missing' });
    return found;
  }

  function directives(): Directive[] {
    const found: Directive[] = [];
    for (let token = tokens[at]; token !== undefined; token = tokens[at]) {
      if (token.text === '}') problems.push({ line: token.line, message: 'one } too many' });
      if (token.text === '}') at += 1;
      else found.push(directive(token));
    }
    return found;
  }

  function directive({ text: name, line }: Token): Directive {
    const args: string[] = [];
    at += 1;
    for (let token = tokens[at]; token !== undefined && token.line === line; token = tokens[at]) {
      // Only a brace that ends its line opens options.
      if (token.text === '{' && tokens[at + 1]?.line !== line) {
        at += 1;
        return { name, args, line, nested: nested(line) };
      }
      if (token.text === '}') break;
      args.push(token.text);
      at += 1;
    }
    return { name, args, line, nested: [] };
  }

  return { problems, isDone: () => at >= tokens.length, keys, block, directives };
}

function quote(text: string | undefined): string {
  return text === undefined ? 'end of the file' : JSON.stringify(text);
}
