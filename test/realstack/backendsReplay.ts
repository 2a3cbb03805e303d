/** What the DNS servers of a stage have logged, sent once more by a replay, in a form of OTLP that is chosen. */
import { cpSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Stage } from './backendsStage.ts';
import { prepareBundle } from './bundle.ts';

export const OTLP_FORMS = [
  { protocol: 'http/json', compression: 'none' },
  { protocol: 'http/json', compression: 'gzip' },
  { protocol: 'http/protobuf', compression: 'none' },
  { protocol: 'http/protobuf', compression: 'gzip' },
] as const;
export type OtlpForm = (typeof OTLP_FORMS)[number];

export interface ReplayTarget {
  readonly otlpUrl: string;
  readonly form: OtlpForm;
  /** Every span of it carries that, as `deployment.environment.name`. */
  readonly environment: string;
}

/** As far as it is looked at here. */
export interface ReplaySummary {
  readonly lookups: Readonly<Record<'success' | 'denial' | 'error', number>>;
  readonly spans: { readonly acked: number; readonly dropped: Readonly<Record<string, number>> };
}

/** Who is who, in the form that `kubectl get` prints and `--cluster` reads; returns the path. */
export async function recordCluster({ cluster }: Stage): Promise<string> {
  const path = join(cluster.runFolder, 'cluster.json');
  const kinds = 'pods,services,endpointslices,nodes,namespaces';
  writeFileSync(path, await cluster.kubectl(['get', kinds, '--all-namespaces', '--output=json']));
  return path;
}

export async function replayLogs(
  { cluster, servers }: Stage,
  recording: string,
  { otlpUrl, form, environment }: ReplayTarget,
): Promise<ReplaySummary> {
  const folder = join(cluster.runFolder, 'replays', environment);
  for (const { logFolder } of servers) {
    // Ids of traces come from the pod's uid and the place in its log: each replay is to have its own.
    const podFolder = `${basename(dirname(logFolder))}-${environment}`;
    cpSync(logFolder, join(folder, podFolder, basename(logFolder)), { recursive: true });
  }
  const argv = [
    process.execPath,
    join(await prepareBundle(), 'corespan.cjs'),
    'replay',
    folder,
    '--cluster',
    recording,
    '--json',
  ];
  const said = await cluster.runIn(cluster.sandboxes.controlPlane, [...argv, '--otlp-endpoint', otlpUrl], {
    env: {
      OTEL_EXPORTER_OTLP_PROTOCOL: form.protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: form.compression,
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${environment}`,
    },
  });
  return JSON.parse(said) as ReplaySummary;
}
