/** The benchmark of the process in small: it starts, catches up and shows what was written; nothing is timed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catchUp, standIdle, startApi, timeMarks, writeBacklog } from './processRuns.ts';
import type { ApiReady } from './stage/apiServer.ts';
import type { Child } from './stage/child.ts';

describe('the shipped bundle', { timeout: 180_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'corespan-process-'));
  let api: Child<ApiReady>;
  beforeAll(async () => {
    api = await startApi(300);
  });
  afterAll(async () => {
    await api.stop();
    rmSync(root, { recursive: true });
  });

  it('starts and stands idle', async () => {
    const idle = await standIdle({ folder: join(root, 'idle'), api: api.ready }, { settle: 0, seconds: 0.5 });
    expect(idle.startMs).toBeGreaterThan(0);
    expect(idle.share).toBeGreaterThan(0);
  });

  it('catches up with a backlog, every line accounted for', async () => {
    const folder = join(root, 'backlog');
    writeBacklog(folder, 'mixed', 20_000);
    const { lines, problems, cpu } = await catchUp({ folder, api: api.ready }, 20_000);
    expect({ lines, problems }).toEqual({ lines: 20_000, problems: [] });
    expect(cpu).toBeGreaterThan(0);
  });

  it('shows a line that was written', async () => {
    const delays = await timeMarks({ folder: join(root, 'marks'), api: api.ready }, { rate: 200, marks: 2 });
    expect(delays).toHaveLength(2);
  });
});
