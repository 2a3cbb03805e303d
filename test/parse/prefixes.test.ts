/** The border between what stands before a message and the message. */
import { describe, expect, test } from 'vitest';
import { jsonStart, type Message, toMessage } from '../../src/parse/prefixes.ts';

describe('toMessage', () => {
  test.each<[string, string, Message]>([
    ['level', '[INFO] text', { level: 'INFO', text: 'text' }],
    ['leading blank of 1.2.6', ' [ERROR] plugin/x: y', { level: 'ERROR', text: 'plugin/x: y' }],
    ['time', '2026-11-21T12:01:04Z [FATAL] text', { level: 'FATAL', text: 'text' }],
    ['Go time', '2026/11/21 12:01:04 [WARNING] text', { level: 'WARNING', text: 'text' }],
    ['two times', '2026-11-21T12:01:04Z 2018-11-21T06:48:49Z [DEBUG] x', { level: 'DEBUG', text: 'x' }],
    ['time behind a word', 'coredns 2026-11-21T12:01:04Z [INFO] x', { level: 'INFO', text: 'x' }],
    ['the first level counts', '[ERROR] a [INFO] b', { level: 'ERROR', text: 'a [INFO] b' }],
    ['unknown levels are text', '[PANIC] [pod/a] [INFO] b', { level: 'INFO', text: 'b' }],
    ['a level without its blank is text', '[INFO]x', { level: undefined, text: '[INFO]x' }],
    ['nothing', '.:53', { level: undefined, text: '.:53' }],
    ['time only', '2026-11-21T12:01:04Z .:53', { level: undefined, text: '.:53' }],
    ['nothing but a time', '2026-11-21T12:01:04Z', { level: undefined, text: '' }],
    ['indentation stays', '2026-11-21T12:01:04Z     errors', { level: undefined, text: '    errors' }],
    ['journald', 'Jun 05 16:41:03 host coredns[1]: .:53', { level: undefined, text: '.:53' }],
    ['a time that is none', '2026-13-41T12:01:04Z .:53', { level: undefined, text: '.:53' }],
  ])('%s', (_, line, message) => {
    expect(toMessage(line)).toEqual(message);
  });
});

describe('jsonStart', () => {
  test.each<[string, number]>([
    ['{"level":"INFO"}', 0],
    ['2026-11-21T12:01:04Z {"time":"x"}', 21],
    ['coredns {"time":"x"}', 8],
    ['[INFO] {"time":"x"}', -1],
    ['[INFO] 192.0.2.7:1 - 1 "A IN {.example. udp', -1],
    [`${'x'.repeat(300)} {"time":"x"}`, -1],
    ['', -1],
  ])('%s', (line, start) => {
    expect(jsonStart(line)).toBe(start);
  });
});
