/** Everything under manifests/, made from the one description of the container, the rules and the dashboards. */
import { toChart } from './chart.ts';
import { toExamples } from './examples.ts';
import { toMonitoring } from './monitoring.ts';
import { toMonitors } from './monitors.ts';
import { toAdmissionPolicy } from './policy.ts';
import { toReader } from './reader.ts';
import { toNodeLocalRights, toSidecars } from './sidecars.ts';

/** Path from the root of the repository → content. */
export function toManifests(): Map<string, string> {
  const files = [
    toSidecars(),
    toNodeLocalRights(),
    toReader(),
    toMonitors(),
    toMonitoring(),
    toAdmissionPolicy(),
    toChart(),
    toExamples(),
  ];
  return new Map(
    files.flatMap((some) => [...some].map(([path, content]) => [`manifests/${path}`, content] as const)),
  );
}
