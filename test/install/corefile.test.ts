import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCorefile } from '../../src/install/corefile/blocks.ts';
import { findFaults } from '../../src/install/corefile/faults.ts';
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

describe('CoreDNS would not start', () => {
  it.each([
    ['a class that is none', '. {\n log . {\n  class al\n }\n}', 3, 'log knows no class al, only all'],
    ['no class', '. {\n log {\n  class\n }\n}', 3, 'log wants a class of all'],
    ['an option that is none', '. {\n log {\n  only error\n }\n}', 3, 'log knows no only'],
    ['a snippet before its definition', '. {\n import l\n}\n(l) {\n log\n}', 2, 'the snippet l is imported'],
    [
      'a zone twice',
      '. {\n log\n}\ndns://.:53 {\n log\n}',
      4,
      'dns://.:53 is served already by the block of line 1',
    ],
    ['a zone twice in a block', 'a.test A.test. {\n log\n}', 1, 'A.test. is served already'],
  ])('%s', (_name, text, line, said) => {
    expect(findFaults(parseCorefile(text))).toEqual([{ line, message: expect.stringContaining(said) }]);
  });

  it.each([
    ['another port', '. {\n log\n}\n.:5353 {\n log\n}'],
    ['another transport', '. {\n log\n}\ntls://.:853 {\n log\n}'],
    ['other addresses', '. {\n bind 192.0.2.1\n}\n. {\n bind 192.0.2.2\n}'],
    ['views', '. {\n view a {\n  expr true\n }\n}\n. {\n log\n}'],
    ['a snippet in a snippet', '(a) {\n log\n}\n(b) {\n import a\n}\n. {\n import b\n}'],
  ])('but with %s it would (twin)', (_name, text) => {
    const corefile = parseCorefile(text);
    expect(corefile.blocks).not.toEqual([]);
    expect(findFaults(corefile)).toEqual([]);
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
    ['what stands behind a log of everything is not asked', '. {\n log\n log . {\n  class error\n }\n}'],
    ['for the zone of the block', 'example.org:53 a.example.org {\n log Example.ORG.\n}'],
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
    [
      'some answers first, everything behind it',
      '. {\n log . {\n  class denial error\n }\n log\n}',
      ['partial', 'logs only answers of class denial, error'],
    ],
    [
      'some answers about a zone, everything else',
      '. {\n log example.org {\n  class error\n }\n log\n}',
      ['partial', 'logs only answers of class error about names under example.org'],
    ],
    [
      'a format alone, which is taken for a name',
      '. {\n log "{common}"\n}',
      ['poor_format', expect.stringContaining('write log . FORMAT')],
    ],
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
