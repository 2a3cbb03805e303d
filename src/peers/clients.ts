/** Who asked: the pod that held the client's address when it asked, or whose address it was instead, or why nobody knows. */
import { isLinkLocal, isLoopback } from '../dns/addresses.ts';
import { PEER_RESULTS, type Peer, type PeerResult } from '../records/peer.ts';
import { type Query, startOf } from '../records/query.ts';
import { createAnswers, type Kept } from './answers.ts';
import type { Cluster } from './cluster.ts';
import { toClassPeer } from './identity.ts';
import { toPeer } from './knownPod.ts';
import type { Moment } from './moment.ts';
import type { NodeClients } from './nodes.ts';
import { createRecent } from './recent.ts';

export interface Clients {
  clientOf(query: Query): Peer;
}

/** Addresses that are no pod's, remembered with whose they are: those of nodes, and of machines outside. */
const MAX_STRANGERS = 10_000;

export function createClients(cluster: Cluster): Clients {
  const peers = new Map<PeerResult, Peer>(PEER_RESULTS.map((result) => [result, toClassPeer(result)]));
  // Pods are found by one look at the claims already; the rest is more work, and changes less often.
  const strangerAt = createAnswers({
    table: createRecent<Kept<string, NodeClients>>(MAX_STRANGERS),
    toSubject: (address: string) => address,
    answer: toStranger,
  });

  function classPeer(result: PeerResult): Peer {
    return peers.get(result) ?? toClassPeer(result);
  }

  function toStranger(address: string, moment: Moment): NodeClients {
    const node = isOwn(address) ? undefined : cluster.nodes.byAddress(address, moment);
    if (node !== undefined) return node;
    const peer = classPeer(toResult(address, moment));
    return { tcp: peer, other: peer };
  }

  function toResult(address: string, moment: Moment): PeerResult {
    if (isOwn(address)) return 'loopback';
    if (cluster.services.byAddress(address, moment) !== undefined) return 'service';
    const since = cluster.syncedSince('pods', moment);
    if (since === undefined) return 'cold';
    if (!cluster.nodes.isPodRange(address, moment)) return 'external';
    // Before the first sync a holder may have come and gone unseen.
    return moment.time < since ? 'stale' : 'snat';
  }

  return {
    clientOf(query) {
      const { client, question } = query;
      // A query that nobody answered is logged seconds after it was sent: the address may be another's by then.
      const time = startOf(query);
      const holder = cluster.claims.holderAt(client, time);
      if (typeof holder !== 'string') return toPeer(holder.pod);
      if (holder === 'conflict') return classPeer('conflict');
      const { tcp, other } = strangerAt(client, time);
      const stranger = question.transport === 'tcp' ? tcp : other;
      const isNobodys = stranger.result === 'snat' || stranger.result === 'external';
      return holder === 'other_time' && isNobodys ? classPeer('stale') : stranger;
    },
  };
}

/** The DNS server's own address; a line without one tells of itself too. */
function isOwn(address: string): boolean {
  return address === '' || isLoopback(address) || isLinkLocal(address);
}
