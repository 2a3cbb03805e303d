/** Everything that is committed although the code makes it: path → content. */
import { toAlertFiles } from '../dashboards/alerts/files.ts';
import { toDashboardFiles } from '../dashboards/dashboards.ts';
import { toDashboardReference } from './dashboardReference.ts';
import { toManifests } from './manifests/manifests.ts';
import { toPlatformPages } from './platformPages.ts';
import { CATALOGUES, toReferences } from './references.ts';

export function toGenerated(): Map<string, string> {
  return new Map([
    ...toReferences(CATALOGUES),
    ['docs/reference/dashboards.md', toDashboardReference()],
    ...toManifests(),
    ...toPlatformPages(),
    ...toDashboardFiles(),
    ...toAlertFiles(),
  ]);
}
