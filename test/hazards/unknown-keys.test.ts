/** Configuration with unknown or wrong keys is refused, every problem at once, before anything is touched. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'corespan-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('wrong configuration', () => {
  it('names every problem and exits with 2', async () => {
    const path = write('wrong.yaml', 'logDirr: /x\nmaxEdges: lots\n__proto__: 1\nsampleRatio: 2\n');
    const { code, stdout, stderr } = await runCorespan(['run', '--config', path, '--lissten', ':1']);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(new Set(stderr.trimEnd().split('\n'))).toEqual(
      new Set([
        'corespan: --lissten: no such option, did you mean --listen?',
        `corespan: logDirr: no such option, did you mean logDir? (in ${path})`,
        `corespan: __proto__: no such option (in ${path})`,
        `corespan: sampleRatio in ${path}: got "2", wants a number from 0 to 1`,
        `corespan: maxEdges in ${path}: got "lots", wants a whole number from 1 to 100000`,
      ]),
    );
  });

  it('says where a YAML file is broken', async () => {
    const { code, stderr } = await runCorespan(['run', '--config', write('broken.yaml', 'a: [1,\nb: 2')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^corespan: --config: .*broken\.yaml cannot be read: .* line \d.*\n$/);
  });

  it('says that a file is not there', async () => {
    const { code, stderr } = await runCorespan(['run', '--config', join(folder, 'missing.yaml')]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('missing.yaml cannot be read: ENOENT')]);
  });
});
