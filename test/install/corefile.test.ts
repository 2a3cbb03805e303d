import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCorefile } from '../../src/install/corefile/blocks.ts';
import { findLogGaps, toSentence } from '../../src/install/corefile/queryLog.ts';
import { toTokens } from '../../src/install/corefile/tokens.ts';

const words = (text: string): string[] => toTokens(text).map((token) => token.text);

describe('words of a Corefile', () => {
  it.each([
    ['blanks and line ends part them, carriage returns vanish', 'a  b\r\n\tc', ['a', 'b', 'c']],
    ['a comment begins anywhere, in a word too', 'foo#bar baz\nqux # more', ['foo', 'qux']],
    ['quotes keep blanks and line ends', 'log . "{remote}\n {name}"', ['log', '.', '{remote}\n {name}']],
    ['only a quote is escaped in quotes', String.raw`"a \"b\" \n"`, [String.raw`a "b" \n`]],
    ['a quote in the middle of a word is none', 'a"b c"', ['a"b', 'c"']],
    ['a hash in quotes is no comment', '"#"', ['#']],
    ['an unclosed quote swallows the rest', 'a "b\nc }', ['a', 'b\nc }']],
    ['a byte order mark is dropped', '\uFEFF.:53', ['.:53']],
  ])('%s', (_name, text, expected) => {
    expect(words(text)).toEqual(expected);
  });

  it('know their line', () => {
    expect(toTokens('a\n\n"b\nc" d').map(({ line }) => line)).toEqual([1, 3, 4]);
  });
});

describe('blocks of a Corefile', () => {
  it.each([
    ['a block', '.:53 {\n log\n}', [['.:53']]],
    ['two', 'a {\n}\nb {\n}', [['a'], ['b']]],
    ['the brace in the next line', '.:53\n{\n log\n}', [['.:53']]],
    ['several zones, a comma goes on in the next line', 'a, b,\nc {\n}', [['a', 'b', 'c']]],
    ['one without braces', '.:53\nlog\nerrors', [['.:53']]],
    ['a snippet is no block', '(s) {\n log\n}\n. {\n import s\n}', [['.']]],
    ['a block without zones serves nothing, CoreDNS goes on behind it', '{\n log\n}\nx {\n}', [['x']]],
  ])('%s', (_name, text, keys) => {
    const { blocks, problems } = parseCorefile(text);
    expect({ keys: blocks.map((block) => block.keys), problems }).toEqual({ keys, problems: [] });
  });

  it('a directive has arguments and options', () => {
    const text = '. {\n cache 30 {\n  success 9984 {\n   deep\n  }\n }\n log\n}';
    expect(parseCorefile(text).blocks[0]?.directives).toEqual([
      {
        name: 'cache',
        args: ['30'],
        line: 2,
        nested: [
          {
            name: 'success',
            args: ['9984'],
            line: 3,
            nested: [{ name: 'deep', args: [], line: 4, nested: [] }],
          },
        ],
      },
      { name: 'log', args: [], line: 7, nested: [] },
    ]);
  });

  it('an import brings what the snippet or the files hold', () => {
    const text =
      '(s) {\n errors\n}\n. {\n import s\n import custom/*.override\n import other\n}\nimport custom/*.server';
    const files: Readonly<Record<string, string[]>> = {
      'custom/*.override': ['log', 'cache 5'],
      'custom/*.server': ['example.org {\n log\n}'],
    };
    const { blocks } = parseCorefile(text, (pattern) => files[pattern]);
    expect(
      blocks.map(({ keys, directives, unread }) => [keys, directives.map(({ name }) => name), unread]),
    ).toEqual([
      [['.'], ['errors', 'log', 'cache'], ['other']],
      [['example.org'], ['log'], []],
    ]);
  });

  it('a snippet that imports itself ends, also one that does it often', () => {
    const text = `(s) {\n${' import s\n'.repeat(9)}}\n. {\n import s\n}`;
    expect(parseCorefile(text).blocks).toHaveLength(1);
  });

  it('so do files of blocks', () => {
    const text = `. {\n log\n}\nimport *.server\n`;
    const file = `x {\n log\n}\n${'import *.server\n'.repeat(9)}`;
    const { blocks, problems } = parseCorefile(text, () => [file, file]);
    expect(blocks.map(({ keys }) => keys)).toEqual([['.'], ['x'], ['x']]);
    expect(problems[0]).toEqual({ line: 4, message: '*.server: *.server imports itself' });
  });

  it('files of blocks that nobody gave are not known', () => {
    const text = '. {\n log\n}\nimport custom/*.server\n';
    expect(parseCorefile(text).unread).toEqual([{ line: 4, pattern: 'custom/*.server' }]);
    expect(findLogGaps(parseCorefile(text)).map(toSentence)).toEqual([
      'nobody has seen whether the blocks of custom/*.server log',
    ]);
    expect(findLogGaps(parseCorefile(text, () => []))).toEqual([]);
  });

  it.each([
    [
      'a brace is missing at the end',
      '.:53 {\n log\n',
      [{ line: 1, message: expect.stringContaining('not closed') }],
    ],
    ['there is nothing', '# only a comment\n', [{ line: 1, message: 'there is no server block' }]],
    [
      'of options',
      '. {\n health {\n  lameduck 5s\n log\n}',
      [{ line: 1, message: expect.stringContaining('not closed') }],
    ],
    [
      'a second block without brace',
      'a {\n}\nb\nlog',
      [{ line: 4, message: 'unexpected "log", wants { after the zones of a block' }],
    ],
  ])('what CoreDNS refuses has its line: %s', (_name, text, problems) => {
    expect(parseCorefile(text).problems).toEqual(problems);
  });
});

describe('is every query written down', () => {
  const gaps = (text: string): (readonly [string, string])[] =>
    findLogGaps(parseCorefile(text)).map(({ kind, message }) => [kind, message] as const);

  it.each([
    ['log', '. {\n log\n}'],
    ['by a snippet', '(l) {\n log\n}\n. {\n import l\n}'],
    ['for the root zone', '. {\n log .\n}'],
    ['of all classes', '. {\n log . {\n  class all\n }\n}'],
    ['of each class', '. {\n log {\n  class success denial error\n }\n}'],
    ['one log of two is enough', '. {\n log example.org\n log\n}'],
    ['in a format that tells enough', '. {\n log . "{common} {>opcode}"\n}'],
    ['in an own format', '. {\n log . "{remote} {type} {name} {rcode}"\n}'],
  ])('yes: %s', (_name, text) => {
    expect(parseCorefile(text).blocks).not.toEqual([]);
    expect(gaps(text)).toEqual([]);
  });

  it.each([
    ['no log', '. {\n errors\n}', ['no_log', 'has no log: its queries leave no line']],
    ['only in a comment', '. {\n #log\n}', ['no_log', 'has no log: its queries leave no line']],
    [
      'perhaps in a file',
      '. {\n import x/*.override\n}',
      ['unread_import', 'has no log, unless x/*.override brings it'],
    ],
    ['only failures', '. {\n log . {\n  class error\n }\n}', ['partial', 'logs only answers of class error']],
    ['only a zone', '. {\n log example.org\n}', ['partial', 'logs only names under example.org']],
    [
      'without the outcome',
      '. {\n log . "{remote} {name}"\n}',
      ['poor_format', 'has a format without {rcode}'],
    ],
  ])('no: %s', (_name, text, expected) => {
    expect(gaps(text)).toEqual([expected]);
  });

  it('each block is asked', () => {
    const text = 'cluster.local:53 {\n errors\n}\nin-addr.arpa:53 {\n log\n}\n.:53 {\n errors\n}';
    expect(findLogGaps(parseCorefile(text)).map(({ block, line }) => [block, line])).toEqual([
      ['cluster.local:53', 1],
      ['.:53', 7],
    ]);
  });
});

it('the Corefiles of the real stack say log everywhere', () => {
  const source = readFileSync('test/realstack/corefiles.ts', 'utf8');
  const [text = ''] = /`\.:53 \{[^`]*`/.exec(source) ?? [];
  const { blocks, problems } = parseCorefile(text.slice(1, -1));
  expect({ keys: blocks.map(({ keys }) => keys), problems }).toEqual({ keys: [['.:53']], problems: [] });
  expect(blocks[0]?.directives.map(({ name }) => name)).toContain('kubernetes');
});
