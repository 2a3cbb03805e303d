import { describe, expect, it } from 'vitest';
import { defaultOf, type LoadInput, load } from '../../src/config/load.ts';
import { CONFIGURED_VERBS, OPTIONS, type Option, type OptionName } from '../../src/config/options.ts';

function loadWith(input: Partial<LoadInput>) {
  return load({ verb: 'run', args: [], env: {}, readFile: () => ({}), ...input });
}

describe('precedence', () => {
  it('a flag beats the environment, the environment beats the file, the file beats the default', () => {
    const file = { logDir: '/file', targetLabel: 'workload', maxEdges: 5 };
    const { config, problems } = loadWith({
      args: ['--log-dir', '/flag', '--config', 'corespan.yaml'],
      env: { CORESPAN_LOG_DIR: '/environment', CORESPAN_TARGET_LABEL: 'service' },
      readFile: () => file,
    });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ logDir: '/flag', targetLabel: 'service', maxEdges: 5, sampleRatio: 0.01 });
  });

  it('tells what was given, wherever, from what is a default', () => {
    const { given } = loadWith({
      verb: 'inject',
      args: ['--shutdown-timeout', '10s', '--config', 'corespan.yaml'],
      env: { CORESPAN_MAX_EDGES: '2000', CORESPAN_LOG_DIR: '/of/another/verb' },
      readFile: () => ({ targetLabel: 'service' }),
    });
    expect(given).toEqual(new Set(['config', 'shutdownTimeout', 'maxEdges', 'targetLabel']));
  });

  it('takes the file from the environment too', () => {
    const { config } = loadWith({
      env: { CORESPAN_CONFIG: 'x.yaml' },
      readFile: (path) => ({ logDir: `/from/${path}` }),
    });
    expect(config.logDir).toBe('/from/x.yaml');
  });
});

describe('values', () => {
  it.each([
    { args: ['--sample-ratio', '0.5'], expected: { sampleRatio: 0.5 } },
    { args: ['--listen', '[::1]:9000'], expected: { listen: { host: '::1', port: 9000 } } },
    { args: ['--listen', ':9000'], expected: { listen: { host: undefined, port: 9000 } } },
    { args: ['--listen=none'], expected: { listen: 'none' } },
    { args: ['--shutdown-timeout', '1.5s'], expected: { shutdownTimeout: 1500 } },
    {
      args: ['--cluster-domain', 'a.test', '--cluster-domain', 'b.test,c.test'],
      expected: { clusterDomain: ['a.test', 'b.test', 'c.test'] },
    },
    {
      args: ['--cluster-domain', 'Cluster.Local.', '--cluster-domain', 'a--1.b,1'],
      expected: { clusterDomain: ['cluster.local.', 'a--1.b', '1'] },
    },
    { args: ['--strict'], expected: { strict: true } },
    { args: [], expected: { strict: false, clusterDomain: ['cluster.local'], checkpoint: undefined } },
  ])('$args', ({ args, expected }) => {
    const { config, problems } = loadWith({ args });
    expect(problems).toEqual([]);
    expect(config).toMatchObject(expected);
  });

  it.each([
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['2026-12-31t23:59:59.5+01:00', Date.UTC(2026, 11, 31, 22, 59, 59, 500)],
  ])('a time: %s', (text, time) => {
    expect(loadWith({ verb: 'replay', args: ['--from', text] }).config.from).toBe(time);
  });

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-02-31T00:00:00Z',
    '2026-04-31T12:00:00+02:00',
    '2026-11-21T24:00:00Z',
    '2026-00-10T00:00:00Z',
  ])('no time: %s', (text) => {
    expect(loadWith({ verb: 'replay', args: ['--from', text] }).problems).toEqual([
      `--from: got "${text}", wants a time such as 2026-11-21T12:00:00Z (RFC 3339)`,
    ]);
  });

  it.each([
    'bad name..',
    '.',
    '',
    'a..b',
    'a.b..',
    '-a.test',
    'a_b.test',
    `${'x'.repeat(64)}.test`,
    'a.test,.',
  ])('no zones: %s', (text) => {
    expect(loadWith({ args: [`--cluster-domain=${text}`] }).problems).toEqual([
      `--cluster-domain: got ${JSON.stringify(text)}, wants DNS names such as cluster.local`,
    ]);
  });

  it('has defaults of its own for a verb', () => {
    expect(loadWith({ verb: 'replay' }).config.sampleRatio).toBe(1);
    expect(loadWith({ verb: 'run' }).config.sampleRatio).toBe(0.01);
  });

  it('keeps paths in order', () => {
    expect(loadWith({ verb: 'replay', args: ['b', '--json', 'a', '-'] }).paths).toEqual(['b', 'a', '-']);
  });
});

describe('a configuration with problems', () => {
  it('is whole: defaults stand in for what is wrong, so that a pod listens where it always does', () => {
    const { config, problems } = loadWith({ args: ['--listen', '9464', '--log-level', 'loud', '--strict'] });
    expect(problems).toHaveLength(2);
    expect(config).toMatchObject({ listen: { host: undefined, port: 9464 }, logLevel: 'info', strict: true });
  });

  it.each(CONFIGURED_VERBS)('has every default of %s: each can be read', (verb) => {
    const { config, problems } = loadWith({ verb });
    expect(problems).toEqual([]);
    const missing = (Object.entries(OPTIONS) as [OptionName, Option][]).filter(
      ([name, option]) => defaultOf(option, verb) !== undefined && config[name] === undefined,
    );
    expect(missing).toEqual([]);
  });
});

describe('a flag that would do nothing beside the others', () => {
  it.each([
    {
      args: ['--source', 'stdin', '--log-dir', '/x'],
      flag: '--log-dir',
      beside: '--source stdin',
      wants: '--source volume',
    },
    {
      args: ['--cluster', 'none', '--node-name', 'n'],
      flag: '--node-name',
      beside: '--cluster none',
      wants: '--cluster auto',
    },
  ])('$args', ({ args, flag, beside, wants }) => {
    expect(loadWith({ args }).problems).toEqual([`${flag}: does nothing with ${beside}, wants ${wants}`]);
  });

  it('is fine as a variable or a key: it may be there for another configuration', () => {
    const { problems } = loadWith({
      args: ['--source', 'stdin', '--config', 'c.yaml'],
      env: { CORESPAN_LOG_DIR: '/x' },
      readFile: () => ({ checkpoint: '/y' }),
    });
    expect(problems).toEqual([]);
  });
});

describe('everything that is wrong is said at once, with the option, what it got and what it wants', () => {
  it.each<{ case: string; input: Partial<LoadInput>; problems: string[] }>([
    {
      case: 'values of several options',
      input: {
        args: ['--sample-ratio', '2', '--span-rate', 'many', '--max-edges', '1.5', '--graph-source', 'both'],
      },
      problems: [
        '--graph-source: got "both", wants one of metrics, traces',
        '--sample-ratio: got "2", wants a number from 0 to 1',
        '--span-rate: got "many", wants a number from 1 to 1000000',
        '--max-edges: got "1.5", wants a whole number from 1 to 100000',
      ],
    },
    {
      case: 'a misspelt flag',
      input: { args: ['--log-dirr', '/x'] },
      problems: ['--log-dirr: no such option, did you mean --log-dir?'],
    },
    {
      case: 'misspelt flags of every verb, and a value for one',
      input: { args: ['--hlep', '--verison', '--help=run'] },
      problems: [
        '--hlep: no such option, did you mean --help?',
        '--verison: no such option, did you mean --version?',
        '--help: got "run", wants no value',
      ],
    },
    {
      case: 'a flag in capitals, whose value is no path',
      input: { verb: 'replay', args: ['--CLUSTER', 'none', 'x'] },
      problems: ['--CLUSTER: no such option, did you mean --cluster?'],
    },
    {
      case: 'a flag of another verb',
      input: { args: ['--metrics-out', '-'] },
      problems: ['--metrics-out: is an option of replay, not of run'],
    },
    {
      case: 'a short flag',
      input: { args: ['-x'] },
      problems: ['-x: no such option, see corespan run --help'],
    },
    {
      case: 'a missing value',
      input: { args: ['--log-dir'] },
      problems: ['--log-dir: got no value, wants DIR'],
    },
    {
      case: 'a missing value of a type of its own',
      input: { args: ['--sample-ratio'] },
      problems: ['--sample-ratio: got no value, wants a number from 0 to 1'],
    },
    {
      case: 'empty values',
      input: { args: ['--source=', '--cluster=', '--listen=', '--log-format='] },
      problems: [
        '--source: got "", wants one of volume, kube, stdin',
        '--log-format: got "", wants common, combined, json or a FORMAT of CoreDNS',
        '--cluster: got "", wants auto, none or a recording that exists',
        '--listen: got "", wants HOST:PORT or :PORT with a port up to 65535, or none',
      ],
    },
    {
      case: 'a misspelt variable',
      input: { env: { CORESPAN_LOG_DR: '/x' } },
      problems: ['CORESPAN_LOG_DR: no such variable, did you mean CORESPAN_LOG_DIR?'],
    },
    {
      case: 'a wrong variable',
      input: { env: { CORESPAN_LISTEN: '9464' } },
      problems: ['CORESPAN_LISTEN: got "9464", wants HOST:PORT or :PORT with a port up to 65535, or none'],
    },
    {
      case: 'a wrong URL',
      input: { args: ['--otlp-endpoint', 'tempo:4318'] },
      problems: [
        '--otlp-endpoint: got "tempo:4318", wants a URL such as http://tempo.example.org:4318, without ? and #, or none',
      ],
    },
    {
      case: 'a URL with a query, behind which no path can stand',
      input: { args: ['--otlp-endpoint', 'http://tempo:4318/base?x=1'] },
      problems: [
        '--otlp-endpoint: got "http://tempo:4318/base?x=1", wants a URL such as http://tempo.example.org:4318, without ? and #, or none',
      ],
    },
    {
      case: 'a misspelt key of the file',
      input: { args: ['--config', 'c.yaml'], readFile: () => ({ logdir: '/x', constructor: 1 }) },
      problems: [
        'logdir: no such option, did you mean logDir? (in c.yaml)',
        'constructor: no such option (in c.yaml)',
      ],
    },
    {
      case: 'a file that names another one',
      input: { args: ['--config', 'c.yaml'], readFile: () => ({ config: 'd.yaml', maxEdges: 5 }) },
      problems: ['config: no such option (in c.yaml)'],
    },
    {
      case: 'a wrong value in the file',
      input: { args: ['--config', 'c.yaml'], readFile: () => ({ maxEdges: 0, logDir: { a: 1 } }) },
      problems: [
        'logDir in c.yaml: got {"a":1}, wants a single value or a list',
        'maxEdges in c.yaml: got "0", wants a whole number from 1 to 100000',
      ],
    },
    {
      case: 'a file that cannot be read',
      input: {
        args: ['--config', 'c.yaml'],
        readFile: () => {
          throw new Error("ENOENT: no such file or directory, open 'c.yaml'");
        },
      },
      problems: ["--config: c.yaml cannot be read: ENOENT: no such file or directory, open 'c.yaml'"],
    },
    {
      case: 'a file that is no mapping',
      input: { args: ['--config', 'c.yaml'], readFile: () => ['logDir'] },
      problems: ['--config: c.yaml holds ["logDir"], wants a mapping of options to values'],
    },
    {
      case: 'times',
      input: { verb: 'replay', args: ['--from', 'yesterday', '--to', '2026-13-01T00:00:00Z'] },
      problems: [
        '--from: got "yesterday", wants a time such as 2026-11-21T12:00:00Z (RFC 3339)',
        '--to: got "2026-13-01T00:00:00Z", wants a time such as 2026-11-21T12:00:00Z (RFC 3339)',
      ],
    },
  ])('$case', ({ input, problems }) => {
    expect(loadWith(input).problems).toEqual(problems);
  });

  it.each(['CORESPAN', 'CORESPAN_METRICS', 'CORESPAN_SPANS', 'CORESPAN_LISTEN', 'CORESPAN_LOG'])(
    'leaves variables alone that Kubernetes makes for a Service %s',
    (service) => {
      const env = {
        [`${service}_SERVICE_HOST`]: '10.96.0.7',
        [`${service}_SERVICE_PORT`]: '9464',
        [`${service}_SERVICE_PORT_HTTP_METRICS`]: '9464',
        [`${service}_PORT`]: 'tcp://10.96.0.7:9464',
        [`${service}_PORT_9464_TCP`]: 'tcp://10.96.0.7:9464',
        [`${service}_PORT_9464_TCP_PROTO`]: 'tcp',
        [`${service}_PORT_9464_TCP_PORT`]: '9464',
        [`${service}_PORT_9464_TCP_ADDR`]: '2001:db8::7',
        [`${service}_PORT_53_UDP`]: 'udp://[2001:db8::7]:53',
      };
      for (const verb of ['run', 'replay'] as const)
        expect(loadWith({ verb, env }).problems, verb).toEqual([]);
    },
  );

  it('takes no typo for such a variable, whatever it looks like (twin)', () => {
    const env = { CORESPAN_LISTN: ':9464', CORESPAN_METRICS_PORT: '/tmp/metrics', CORESPAN_SPAN_OUT: 'x' };
    expect(loadWith({ verb: 'replay', env }).problems).toEqual([
      'CORESPAN_METRICS_PORT: no such variable, did you mean CORESPAN_METRICS_OUT?',
      'CORESPAN_SPAN_OUT: no such variable, did you mean CORESPAN_SPANS_OUT?',
    ]);
  });

  it('names only variables of the verb', () => {
    const env = { CORESPAN_LISTN: ':9464', CORESPAN_METRICS_PORT: '/tmp/metrics' };
    expect(loadWith({ env }).problems).toEqual([
      'CORESPAN_LISTN: no such variable, did you mean CORESPAN_LISTEN?',
    ]);
  });

  it('allows one file to serve several verbs', () => {
    const { problems } = loadWith({
      args: ['--config', 'c.yaml'],
      readFile: () => ({ metricsOut: '-', once: true }),
    });
    expect(problems).toEqual([]);
  });
});
