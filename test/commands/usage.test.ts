/** What a user meets who types something wrong, or asks for help. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCorespan } from '../support/cli.ts';
import { listen } from '../support/listen.ts';

const ENDPOINT = 'http://127.0.0.1:4318';
const folder = mkdtempSync(join(tmpdir(), 'corespan-usage-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'empty'));
writeFileSync(join(folder, 'broken.json'), '{"kind":"PodList",\n"items":[');
writeFileSync(
  join(folder, 'a.log'),
  '2026-11-21T12:00:00Z stdout F [INFO] 192.0.2.1:40000 - 1 "A IN example.org. udp 30 false 512" NOERROR qr,rd,ra 60 0.0001s\n',
);

describe('help', () => {
  it('lists the verbs', async () => {
    const { code, stdout } = await runCorespan(['help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ {2}run +follow .*\n {2}replay +read .*\n {2}demo +play /);
  });

  it.each(['run', 'replay', 'demo'])('of %s has its options with their defaults', async (verb) => {
    const { code, stdout } = await runCorespan([verb, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: corespan ${verb} `);
    expect(stdout).toMatch(/--sample-ratio SHARE\n {6}.* \[(0\.01|1)\]\n/);
    expect((await runCorespan(['help', verb])).stdout).toBe(stdout);
  });

  it('says the version, of whichever verb', async () => {
    const { stdout } = await runCorespan(['--version']);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await runCorespan(['run', '--version'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('may be asked for in the short way, and about itself', async () => {
    const { stdout } = await runCorespan(['help']);
    for (const args of [['-h'], ['help', 'help'], ['help', '--help']])
      expect(await runCorespan(args)).toEqual({ code: 0, stdout, stderr: '' });
    const { stdout: ofRun } = await runCorespan(['help', 'run']);
    for (const args of [
      ['run', '-h'],
      ['run', '--nope', '-h'],
    ])
      expect(await runCorespan(args)).toEqual({ code: 0, stdout: ofRun, stderr: '' });
  });

  it('is what one gets without a verb, as an error', async () => {
    const { code, stdout, stderr } = await runCorespan([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('Usage: corespan <verb>');
  });
});

it('two outputs may both go nowhere', async () => {
  const args = [
    'replay',
    'a.log',
    '--cluster',
    'none',
    '--spans-out',
    '/dev/null',
    '--metrics-out',
    '/dev/null',
  ];
  expect(await runCorespan(args, { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
});

describe('what is wrong is said in one sentence that names the fix', () => {
  it.each([
    { args: ['reply'], message: 'corespan: "reply" is no verb, did you mean replay?' },
    { args: ['help', 'rum'], message: 'corespan: "rum" is no verb, did you mean run?' },
    { args: ['version'], message: 'corespan: "version" is no verb, did you mean --version?' },
    { args: ['--hepl'], message: 'corespan: "--hepl" is no verb, did you mean --help?' },
    { args: ['RUN'], message: 'corespan: "RUN" is no verb, did you mean run?' },
    { args: ['replay'], message: 'corespan: PATH' },
    {
      args: ['replay', 'a.log', '--metricsout', '-'],
      message: 'corespan: --metricsout: no such option, did you mean --metrics-out?',
    },
    { args: ['replay', 'missing.log'], message: 'missing.log' },
    { args: ['replay', 'empty'], message: 'empty' },
    {
      args: ['replay', 'a.log', '--cluster', 'nowhere'],
      message: 'corespan: --cluster: got "nowhere", wants auto, none or a recording that exists',
    },
    { args: ['replay', 'a.log', '--cluster', 'broken.json'], message: 'broken.json' },
    {
      args: ['replay', 'a.log', '--spans-out', 'no/such/folder/x'],
      message: 'corespan: --spans-out: cannot write there: ENOENT',
    },
    {
      args: ['replay', 'a.log', '--log-format', '{name},{type} {rcode}'],
      message: 'corespan: --log-format: ',
    },
    {
      args: ['replay', 'a.log', '--log-format', '{name} {remote}'],
      message:
        'corespan: --log-format: got "{name} {remote}", wants common, combined, json or a FORMAT of CoreDNS: the format has no {rcode}',
    },
    {
      args: ['replay', 'a.log', '--log-format', 'Common'],
      message:
        'corespan: --log-format: got "Common", wants common, combined, json or a FORMAT of CoreDNS: did you mean common?\n',
    },
    {
      args: ['replay', 'a.log', '--log-format', '{combined'],
      message: ': did you mean combined?\n',
    },
    {
      args: ['replay', 'a.log', '--log-format', '{nope}'],
      message:
        'corespan: --log-format: got "{nope}", wants common, combined, json or a FORMAT of CoreDNS: the format has neither {name} nor',
    },
    {
      args: ['replay', 'a.log', '--otlp-endpoint', 'tempo'],
      message: 'corespan: --otlp-endpoint: got "tempo", wants a URL',
    },
    { args: ['run', '--kubeconfig', 'missing', '--listen', 'none'], message: '--kubeconfig' },
    {
      args: ['demo', '--cluster', 'nowhere'],
      message: 'corespan: --cluster: is an option of run, replay and doctor, not of demo\n',
    },
    {
      args: ['replay', 'a.log', '--cluster', 'none', '--context', 'x'],
      message: 'corespan: --context: does nothing with --cluster none, wants --cluster auto\n',
    },
    {
      args: ['replay', 'a.log', '--spans-out', 'same', '--metrics-out', './same'],
      message: 'corespan: --spans-out: got the same place as --metrics-out, wants another\n',
    },
    {
      args: ['replay', 'a.log', '--spans-out', '-', '--metrics-out', '-'],
      message: 'corespan: --spans-out: got the same place as --metrics-out, wants another\n',
    },
    { args: ['demo', 'x'], message: 'corespan: x: demo takes no path, see corespan replay' },
  ])('$args', async ({ args, message }) => {
    const { code, stdout, stderr } = await runCorespan(args, { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      message: 'OTEL_EXPORTER_OTLP_PROTOCOL: got "grpc", wants http/json or http/protobuf',
    },
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc' },
      message: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: got "grpc", wants http/json or http/protobuf',
    },
    {
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'tempo:4318' },
      message:
        'OTEL_EXPORTER_OTLP_ENDPOINT: got "tempo:4318", wants a URL such as http://tempo.example.org:4318, without ? and #, or none',
    },
  ])('$message', async ({ env, message }) => {
    const { code, stderr } = await runCorespan(['replay', 'a.log'], { cwd: folder, env });
    expect([code, stderr]).toEqual([2, `corespan: ${message}\n`]);
  });

  it.each([['--otlp-endpoint', 'none'], ['--spans-out', '-'], []])(
    'not what the environment says to others, where no span leaves by it: %s %s',
    async (...args) => {
      const env = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
      const { code } = await runCorespan(['replay', 'a.log', ...args], { cwd: folder, env });
      expect(code).toBe(0);
    },
  );

  it('all that is wrong with a replay at once: its options, its inputs, its cluster, its outputs', async () => {
    const args = ['--sample-ratio', '4', '--cluster', 'broken.json', '--metrics-out', 'no/such/x'];
    const { code, stderr } = await runCorespan(['replay', 'missing.log', ...args], { cwd: folder });
    const wrong = stderr.trimEnd().split('\n');
    expect([code, wrong]).toEqual([
      2,
      ['--sample-ratio: ', 'missing.log: ', '--cluster: broken.json:', '--metrics-out: '].map((problem) =>
        expect.stringContaining(`corespan: ${problem}`),
      ),
    ]);
  });

  it('a port that is taken', async () => {
    const port = await listen(createServer());
    const { code, stderr } = await runCorespan(['demo', '--listen', `127.0.0.1:${port}`]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(
        `corespan: --listen: 127.0.0.1:${port} is taken by another process; give another port, or none\n`,
      ),
    ]);
  });
});
