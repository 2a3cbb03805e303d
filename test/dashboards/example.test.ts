/** The files of examples/grafana agree with each other and with what they mount. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readDashboards, substitute } from '../support/dashboards.ts';
import { EXAMPLE_FOLDER, readCompose, toMounts } from '../support/example.ts';
import { findUnknown } from '../support/metricNames.ts';

const services = readCompose();

function read(path: string): unknown {
  return parse(readFileSync(join(EXAMPLE_FOLDER, path), 'utf8'));
}

describe('the compose file', () => {
  it.each(Object.entries(services))(
    '%s has an exact image, and what it mounts is there',
    (_name, service) => {
      expect(service.image).toMatch(/^[\w./-]+:v?\d+(\.\d+\.\d+|-slim)$/);
      for (const { source } of toMounts(service)) expect(existsSync(source), source).toBe(true);
    },
  );

  it.each(Object.entries(services))('%s is open to this machine only', (_name, { ports }) => {
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('mounts what the programs are told to read', () => {
    for (const [name, { command = [] }] of Object.entries(services)) {
      const files = command.flatMap((arg) => /config\.file=(.+)$/.exec(arg)?.[1] ?? []);
      const targets = toMounts(services[name] ?? expect.fail(name)).map(({ target }) => target);
      for (const file of files) expect(targets).toContain(file);
    }
    const { rule_files: rules } = read('prometheus.yaml') as { readonly rule_files: readonly string[] };
    const mounted = toMounts(services['prometheus'] ?? expect.fail('no prometheus')).map(
      ({ target }) => target,
    );
    for (const file of rules) expect(mounted).toContain(`/etc/prometheus/${file}`);
  });
});

describe('the provisioning', () => {
  it('finds the dashboards where they are mounted', () => {
    const { providers } = read('provisioning/dashboards/corespan.yaml') as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    const mounts = toMounts(services['grafana'] ?? expect.fail('no grafana'));
    const mount = mounts.find(({ target }) => target === providers[0]?.options.path);
    expect(readDashboards(mount?.source)).toHaveLength(4);
  });

  it('asks services of the compose file, and for metrics of the catalogue', () => {
    const { datasources } = read('provisioning/datasources/corespan.yaml') as {
      readonly datasources: readonly {
        readonly url: string;
        readonly jsonData: {
          readonly tracesToMetrics?: { readonly queries: readonly { readonly query: string }[] };
        };
      }[];
    };
    expect(datasources).toHaveLength(2);
    for (const { url, jsonData } of datasources) {
      expect(Object.keys(services)).toContain(new URL(url).hostname);
      for (const { query } of jsonData.tracesToMetrics?.queries ?? []) {
        expect(findUnknown(substitute(query.replaceAll('$$', '$'), { __tags: 'client="web"' }))).toEqual([]);
      }
    }
  });
});
