/** However often a log breaks off and is asked for again: every line once, and a gap is never taken for nothing. */
import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { createLogResume, type LogResume } from '../../src/kube/logResume.ts';

const AT = (seconds: number, text: string): string => {
  const [whole = '', fraction = '0'] = String(seconds).split('.');
  return `2026-11-21T12:00:${whole.padStart(2, '0')}.${fraction.padEnd(9, '0')}Z ${text}`;
};

/** What a kubelet sends of a log that is asked for from `since` on. */
function toStream(log: readonly string[], since: string | undefined): readonly string[] {
  return log.filter(
    (line) => since === undefined || Date.parse(line.split(' ')[0] ?? '') >= Date.parse(since),
  );
}

/** Reads a stream as far as `length` lines; what it gives, by verdict. */
function read(resume: LogResume, stream: readonly string[], length = stream.length) {
  resume.begin();
  const verdicts = stream.slice(0, length).map((line) => [resume.take(Buffer.from(line)), line] as const);
  resume.settle();
  return {
    told: verdicts.filter(([verdict]) => verdict === 'new').map(([, line]) => line),
    verdicts: verdicts.map(([verdict]) => verdict),
  };
}

describe('a log that is followed again', () => {
  const LOG = [AT(1.2, 'a'), AT(1.7, 'b'), AT(1.9, 'c'), AT(2.3, 'd')];

  test('begins with the second of the last line, and tells what stands behind it', () => {
    const resume = createLogResume(undefined);
    expect(resume.since()).toBeUndefined();
    expect(read(resume, LOG, 3).told).toEqual(LOG.slice(0, 3));
    expect(resume.since()).toBe('2026-11-21T12:00:01Z');
    expect(read(resume, toStream(LOG, resume.since())).verdicts).toEqual(['told', 'told', 'told', 'new']);
  });

  test('a line that was stamped before the last one, and in the second before, is not left out', () => {
    const log = [AT(1.2, 'a'), AT(2, 'b'), AT(1.95, 'c')];
    const resume = createLogResume(undefined);
    read(resume, log, 2);
    expect(read(resume, toStream(log, resume.since())).verdicts).toEqual(['told', 'told', 'new']);
  });

  test('that was rotated: the line that was told last does not come again', () => {
    const resume = createLogResume(undefined);
    read(resume, LOG, 3);
    expect(read(resume, LOG.slice(3)).verdicts).toEqual(['unmet']);
    expect(read(resume, LOG.slice(3)).verdicts).toEqual(['unmet']);
    resume.accept();
    expect(read(resume, LOG.slice(3)).told).toEqual(LOG.slice(3));
  });

  test('equal lines are told as often as they stand there', () => {
    const log = [AT(1, 'a'), AT(1, 'a'), AT(1, 'a'), AT(1, 'b')];
    const resume = createLogResume(undefined);
    read(resume, log, 2);
    expect(read(resume, log).verdicts).toEqual(['told', 'told', 'new', 'new']);
  });

  test('what the kubelet says in place of a log is no line of it', () => {
    const resume = createLogResume(undefined);
    expect(read(resume, ['unable to retrieve container logs for containerd://0']).verdicts).toEqual([
      'no_time',
    ]);
  });

  test('a start leaves out what was there before, by whole seconds', () => {
    expect(createLogResume(Date.parse('2026-11-21T12:00:01.9Z')).since()).toBe('2026-11-21T12:00:01Z');
  });

  property.prop([
    // Steps of 0 make equal times, steps back what stdout and stderr do to each other.
    fc.array(fc.record({ step: fc.integer({ min: -1, max: 9 }), text: fc.constantFrom('a', 'b') }), {
      maxLength: 30,
    }),
    fc.array(fc.nat(30), { maxLength: 10 }),
  ])('any number of breaks: every line once, in order', (steps, breaks) => {
    let time = 10;
    const log = steps.map(({ step, text }, index) => {
      time += Math.max(0, step) / 10;
      // Out of order by less than what was written before it; then no two lines are equal.
      const isOrdered = steps.slice(0, index + 1).every((one) => one.step >= 0);
      return AT(Number((step < 0 ? time - 0.05 : time).toFixed(2)), isOrdered ? text : `${text}${index}`);
    });
    const resume = createLogResume(undefined);
    const told: string[] = [];
    for (const length of [...breaks, Infinity]) {
      const found = read(resume, toStream(log, resume.since()), length);
      expect(found.verdicts).not.toContain('unmet');
      told.push(...found.told);
    }
    expect(told).toEqual(log);
  });
});
