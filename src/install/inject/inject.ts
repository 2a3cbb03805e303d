/**
 * Puts corespan into the DNS workloads of a manifest, or takes it out again: text in, text out.
 *
 * Only the lines of corespan's own container and volumes are written or removed. Injecting is removing and then
 * adding, so it can be repeated; removing what was added gives back the text as it was, byte by byte.
 */
import { isSeq, type YAMLMap } from 'yaml';
import { CONTAINER_NAME, toAddition as toOurs, VOLUME_NAMES } from '../container.ts';
import type { Settings } from '../settings.ts';
import { type DnsWorkload, toDnsWorkload, toInjectedWorkload, type WorkloadOptions } from './dnsWorkload.ts';
import { applyEdits, type Edit } from './edits.ts';
import { findPair, toAddition, toName, toNewList, toRemoval } from './lists.ts';
import { type ManifestObject, readManifest, toTitle } from './manifest.ts';
import { type Checked, judge } from './refusals.ts';

export interface InjectOptions extends WorkloadOptions {
  readonly corefile: Checked['corefile'];
  /** What the container of a workload is made of. */
  readonly settingsOf: (workload: DnsWorkload) => Settings;
}

export type Injected =
  | {
      readonly text: string;
      /** Titles of the workloads that were changed. */
      readonly workloads: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly problems: readonly string[] };

export function inject(text: string, options: InjectOptions): Injected {
  const before = readManifest(text);
  if ('problem' in before) return { problems: [before.problem] };
  const bare = takeOut(text, toWorkloads(before.objects, options).filter(hasCorespan));
  const read = readManifest(bare);
  if ('problem' in read) return { problems: [read.problem] };
  const workloads = toWorkloads(read.objects, options);
  if (workloads.length === 0) return { problems: [toNothing(read.objects, options)] };
  const planned = workloads.map((workload) => plan(bare, { workload, objects: read.objects, options }));
  const refusals = planned.flatMap((one) => one.refusals);
  if (refusals.length > 0) return { problems: refusals };
  return {
    text: applyEdits(
      bare,
      planned.flatMap(({ edits }) => edits),
    ),
    workloads: workloads.map(({ object }) => toTitle(object)),
    notes: planned.flatMap(({ notes }) => notes),
  };
}

/** From wherever it is, unless a selector says from which pods. */
export function uninject(text: string, options: Pick<WorkloadOptions, 'selector'>): Injected {
  const read = readManifest(text);
  if ('problem' in read) return { problems: [read.problem] };
  const workloads = read.objects.flatMap((object) => toInjectedWorkload(object, options) ?? []);
  return {
    text: takeOut(text, workloads),
    workloads: workloads.map(({ object }) => toTitle(object)),
    notes: [],
  };
}

function takeOut(text: string, workloads: readonly DnsWorkload[]): string {
  const edits = workloads.flatMap(({ podSpec }) => [
    ...toRemoval(text, { map: podSpec, key: 'containers' }, (name) => name === CONTAINER_NAME),
    ...toRemoval(text, { map: podSpec, key: 'volumes' }, (name) => VOLUME_NAMES.includes(name)),
  ]);
  return applyEdits(text, edits);
}

interface Plan {
  readonly edits: readonly Edit[];
  readonly refusals: readonly string[];
  readonly notes: readonly string[];
}

function plan(
  text: string,
  {
    workload,
    objects,
    options,
  }: {
    readonly workload: DnsWorkload;
    readonly objects: readonly ManifestObject[];
    readonly options: InjectOptions;
  },
): Plan {
  const settings = options.settingsOf(workload);
  const { containers, corefile } = options;
  const verdict = judge({ workload, settings, objects, containers, corefile });
  if (verdict.refusals.length > 0) return { ...verdict, edits: [] };
  const edits = toEdits(text, workload.podSpec, settings);
  if (edits !== undefined) return { ...verdict, edits };
  const title = toTitle(workload.object);
  return {
    ...verdict,
    refusals: [
      `${title}: its containers or volumes are no plain list; write aliases out, and volumes without a list as volumes: []`,
    ],
    edits: [],
  };
}

/** Undefined where there is no list to add to. */
function toEdits(text: string, podSpec: YAMLMap, settings: Settings): Edit[] | undefined {
  const { container, volumes } = toOurs(settings);
  const containers = findPair(podSpec, 'containers');
  const own = findPair(podSpec, 'volumes');
  if (containers === undefined || !isSeq(containers.value)) return undefined;
  if (own !== undefined && !isSeq(own.value)) return undefined;
  const added = toAddition(text, containers.value, [container]);
  if (own !== undefined && isSeq(own.value)) return [added, toAddition(text, own.value, volumes)];
  const list = toNewList(text, { map: podSpec, after: containers, key: 'volumes', items: volumes });
  // Both stand at the end of the containers: they are one edit, in this order.
  return list.from === added.from ? [{ ...added, insert: added.insert + list.insert }] : [added, list];
}

function toWorkloads(objects: readonly ManifestObject[], options: WorkloadOptions): DnsWorkload[] {
  return objects.flatMap((object) => toDnsWorkload(object, options) ?? []);
}

function hasCorespan({ podSpec }: DnsWorkload): boolean {
  const containers = podSpec.get('containers');
  return isSeq(containers) && containers.items.some((item) => toName(item) === CONTAINER_NAME);
}

function toNothing(objects: readonly ManifestObject[], { selector }: WorkloadOptions): string {
  const seen = objects.filter(({ kind }) => kind !== '').map(toTitle);
  if (seen.length === 0) return 'there is no Kubernetes object in the input';
  const what = seen.slice(0, 10).join(', ');
  const more = seen.length > 10 ? ` and ${seen.length - 10} more` : '';
  const how =
    selector === undefined
      ? 'name its pods with --selector, as in --selector app=my-dns'
      : `no pod template has the labels ${selector}`;
  return `there is no Deployment or DaemonSet of DNS pods in the input, only ${what}${more}; ${how}`;
}
